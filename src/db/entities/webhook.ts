import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { type DeliveredType, deliveryStates, type WebhookEventType } from '../../domain/webhooks.ts';
import { needsTenant, ownedByTenantOrNone, routesToTenant } from '../policies.ts';

/** Where lifecycle events are posted: a tenant's own endpoint, or the operator's where there is no tenant. */
export const WebhookEndpoint = defineEntity({
  name: 'WebhookEndpoint',
  tableName: 'webhook_endpoints',
  ...ownedByTenantOrNone,
  triggers: [needsTenant('webhook_endpoints')],
  properties: {
    tenantId: p.uuid().primary(),
    id: p.uuid().primary(),
    url: p.text(),
    description: p.text().default(''),
    /** Which types it is told of; none is all. */
    eventTypes: p.array().$type<WebhookEventType[]>().defaultRaw(`'{}'`),
    /** Sealed with the tenant's key, or with `SECRET_KEY` where there is no tenant. */
    secretSealed: p.text(),
    previousSecretSealed: p.text().strictNullable(),
    previousSecretExpiresAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
    disabledAt: p.datetime().strictNullable(),
    disabledReason: p.text().strictNullable(),
    /** Since when no delivery has succeeded. */
    failingSince: p.datetime().strictNullable(),
  },
});
export type WebhookEndpoint = InferEntity<typeof WebhookEndpoint>;

/** One event on its way to one endpoint. To each endpoint the events of one tenant go in the order of `position`. */
export const WebhookDelivery = defineEntity({
  name: 'WebhookDelivery',
  tableName: 'webhook_deliveries',
  ...routesToTenant,
  triggers: [needsTenant('webhook_deliveries')],
  properties: {
    /** The tenant that the event is about, or that of none when it is gone. */
    tenantId: p.uuid().primary(),
    id: p.uuid().primary(),
    /** The order of events of one tenant: given while its row is locked. */
    position: p.bigint('number').autoincrement(),
    endpointOwnerId: p.uuid(),
    endpointId: p.uuid(),
    /** The same for every endpoint and every try (`webhook-id`). */
    eventId: p.uuid(),
    eventType: p.text().$type<DeliveredType>(),
    payload: p.json().$type<Record<string, unknown>>(),
    state: p.enum(deliveryStates).default('pending'),
    /** When the event happened. */
    createdAt: p.datetime(),
    nextAttemptAt: p.datetime(),
    /** Until when a worker is at it. */
    leasedUntil: p.datetime().strictNullable(),
    attempts: p.integer().default(0),
    lastStatus: p.integer().strictNullable(),
    lastError: p.text().strictNullable(),
    settledAt: p.datetime().strictNullable(),
  },
  indexes: [
    { name: 'webhook_deliveries_due_index', properties: ['nextAttemptAt'], where: `state = 'pending'` },
    {
      name: 'webhook_deliveries_order_index',
      properties: ['tenantId', 'endpointId', 'position'],
      where: `state = 'pending'`,
    },
    { name: 'webhook_deliveries_log_index', properties: ['endpointOwnerId', 'id'] },
  ],
});
export type WebhookDelivery = InferEntity<typeof WebhookDelivery>;
