import {
  type DeliveredType,
  type DirectoryEventType,
  type LifecycleEventType,
  eventIdLimit,
  testEventType,
} from '../../domain/webhooks.ts';
import { WebhookDelivery, WebhookEndpoint } from '../../db/entities/webhook.ts';
import { newId } from '../../db/ids.ts';
import { noTenant } from '../../db/policies.ts';
import { atControlPlane, type ControlScope, type TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { lockTenant } from '../locks.ts';
import type { OwnerScope } from './endpoint-owner.ts';
import { unknownCustomer, writePayloads } from './webhook-payload.ts';

/**
 * Promises an event to each endpoint that listens, in this transaction: the tenant's own, and the operator's, which
 * learns all of the customer. The tenant is locked, so that its events stand in the order in which they happened.
 */
export async function promiseWebhooks(
  scope: TenantScope,
  type: LifecycleEventType,
  details: Record<string, unknown>,
): Promise<void> {
  const { em, tenant } = scope;
  await em.flush();
  const own = await em.find(WebhookEndpoint, { tenantId: tenant.id, disabledAt: null });
  const operators = await atControlPlane(scope, findOperatorEndpoints);
  const listening = [...own, ...operators].filter((endpoint) => listensTo(endpoint, type));
  scope.watch?.webhooks.push({ type, endpoints: listening.length });
  if (listening.length === 0) return;
  const { purgeClaimedAt } = await lockTenant(scope);
  if (purgeClaimedAt) return;
  const { forOperator, forTenant } = await writePayloads(scope, details);
  const eventId = newId();
  for (const endpoint of listening) {
    const payload = endpoint.tenantId === noTenant ? forOperator : forTenant;
    promiseDelivery(scope, endpoint, { eventId, type, payload });
  }
  await em.flush();
}

/**
 * Promises an event of the tenant's people or groups to its own endpoints that listen, in this transaction and in the
 * order in which they happened. Where none listens, the tenant is not locked. `details` hold ids, nothing personal.
 */
export async function promiseDirectoryEvent(
  scope: TenantScope,
  type: DirectoryEventType,
  details: Record<string, unknown>,
): Promise<void> {
  const { em, tenant } = scope;
  const listening = await em.execute<{ id: string }[]>(
    `select id from webhook_endpoints where tenant_id = ? and disabled_at is null
       and (event_types = '{}' or ? = any(event_types))`,
    [tenant.id, type],
  );
  scope.watch?.webhooks.push({ type, endpoints: listening.length });
  if (listening.length === 0) return;
  const { purgeClaimedAt } = await lockTenant(scope);
  if (purgeClaimedAt) return;
  const event = { eventId: newId(), type, payload: { tenant: describeTenant(tenant), details } };
  for (const { id } of listening) promiseDelivery(scope, { tenantId: tenant.id, id }, event);
  await em.flush();
}

/** Promises that users came into a group or left it, at most 1,000 of them an event. */
export async function promiseMembershipEvents(
  scope: TenantScope,
  type: 'membership.added' | 'membership.removed',
  { groupId, userIds }: { groupId: string; userIds: readonly string[] },
): Promise<void> {
  for (let from = 0; from < userIds.length; from += eventIdLimit) {
    const some = userIds.slice(from, from + eventIdLimit);
    await promiseDirectoryEvent(scope, type, { groupId, userIds: some });
  }
}

/**
 * Promises `tenant.purged` to the operator's endpoints that listen. Nothing is known of the customer any more; of the
 * tenant only the id is told, beside `details`, which must hold nothing personal.
 */
export async function promisePurgedWebhook(
  control: ControlScope,
  { tenantId, details }: { tenantId: string; details: Record<string, unknown> },
): Promise<void> {
  const endpoints = await findOperatorEndpoints(control);
  const listening = endpoints.filter((endpoint) => listensTo(endpoint, 'tenant.purged'));
  const payload = { tenant: { id: tenantId }, details, customer: unknownCustomer };
  const eventId = newId();
  for (const endpoint of listening)
    promiseDelivery(control, endpoint, { eventId, type: 'tenant.purged', payload });
  await control.em.flush();
}

/** Promises an event that says nothing to one endpoint, to try it out. */
export async function promiseTest(scope: OwnerScope, endpoint: WebhookEndpoint): Promise<WebhookDelivery> {
  if (scope.kind === 'tenant') await lockTenant(scope);
  const payload = { tenant: scope.kind === 'tenant' ? describeTenant(scope.tenant) : null };
  return promiseDelivery(scope, endpoint, { eventId: newId(), type: testEventType, payload });
}

function findOperatorEndpoints({ em }: ControlScope): Promise<WebhookEndpoint[]> {
  return em.find(WebhookEndpoint, { tenantId: noTenant, disabledAt: null });
}

function listensTo({ eventTypes }: WebhookEndpoint, type: LifecycleEventType): boolean {
  return eventTypes.length === 0 || eventTypes.includes(type);
}

type Event = { eventId: string; type: DeliveredType; payload: Record<string, unknown> };

function promiseDelivery(
  { em, ownerId, now }: OwnerScope,
  endpoint: Pick<WebhookEndpoint, 'tenantId' | 'id'>,
  { eventId, type, payload }: Event,
): WebhookDelivery {
  return em.create(WebhookDelivery, {
    tenantId: ownerId,
    id: newId(),
    endpointOwnerId: endpoint.tenantId,
    endpointId: endpoint.id,
    eventId,
    eventType: type,
    payload,
    createdAt: now,
    nextAttemptAt: now,
  });
}
