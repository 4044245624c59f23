import { z } from 'zod';
import { pageInput } from '../../domain/pages.ts';
import { Refusal } from '../../domain/refusal.ts';
import { deliveryStates } from '../../domain/webhooks.ts';
import { record } from '../../db/audit.ts';
import { WebhookDelivery, type WebhookEndpoint } from '../../db/entities/webhook.ts';
import { newId } from '../../db/ids.ts';
import { noTenant } from '../../db/policies.ts';
import { pageOf } from '../../db/pages.ts';
import { authorizeOwner, lockEndpoint, type OwnerScope } from './endpoint-owner.ts';
import type { endpointInput } from './webhook-endpoints.ts';
import { promiseTest } from './webhook-events.ts';

export const listDeliveriesInput = pageInput.extend({
  endpointId: z.uuid().optional(),
  state: z.enum(deliveryStates).optional(),
});
export const deliveryInput = z.object({ deliveryId: z.uuid() });

/** What was sent, or is to be sent, to the owner's endpoints, newest first; with what it says. */
export function listDeliveries(
  scope: OwnerScope,
  { endpointId, state, ...page }: z.infer<typeof listDeliveriesInput>,
) {
  authorizeOwner(scope, 'webhook.read');
  const which = {
    endpointOwnerId: scope.ownerId,
    ...(endpointId === undefined ? {} : { endpointId }),
    ...(state === undefined ? {} : { state }),
  };
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(WebhookDelivery, { ...which, ...after }, newestFirst),
    describe: describeDelivery,
  });
}

/**
 * Sends an event again, under the same `webhook-id`: one that has settled once more, behind what waits already; one
 * that waits for its next try at once.
 */
export async function redeliver(scope: OwnerScope, { deliveryId }: z.infer<typeof deliveryInput>) {
  authorizeOwner(scope, 'webhook.write');
  const delivery = await findDelivery(scope, deliveryId);
  const endpoint = await lockEndpoint(scope, delivery.endpointId);
  requireOn(endpoint);
  await scope.em.refresh(delivery);
  const again = delivery.state === 'pending' ? hurry(scope, delivery) : await repeat(scope, delivery);
  await record(scope, 'webhook_delivery.redelivered', {
    target: { kind: 'webhook_delivery', id: delivery.id },
    details: { endpointId: endpoint.id, eventType: delivery.eventType, again: again.id },
  });
  return describeDelivery(again);
}

/** Sends an endpoint an event that says nothing, to try it out; what came of it stands in the log. */
export async function testEndpoint(scope: OwnerScope, { endpointId }: z.infer<typeof endpointInput>) {
  authorizeOwner(scope, 'webhook.write');
  const endpoint = await lockEndpoint(scope, endpointId);
  requireOn(endpoint);
  const delivery = await promiseTest(scope, endpoint);
  await record(scope, 'webhook_endpoint.tested', { target: { kind: 'webhook_endpoint', id: endpointId } });
  await scope.em.flush();
  return describeDelivery(delivery);
}

function requireOn({ disabledAt }: WebhookEndpoint): void {
  if (disabledAt) throw new Refusal('CONFLICT', 'the endpoint is switched off: switch it on first');
}

function hurry({ now }: OwnerScope, delivery: WebhookDelivery): WebhookDelivery {
  delivery.nextAttemptAt = now;
  return delivery;
}

async function repeat({ em, now }: OwnerScope, delivery: WebhookDelivery): Promise<WebhookDelivery> {
  const { tenantId, endpointOwnerId, endpointId, eventId, eventType, payload, createdAt } = delivery;
  // Locked, it cannot be claimed for its purge meanwhile; the events of a tenant get their order under this lock.
  const [tenant] = await em.execute<{ claimed: boolean }[]>(
    `select purge_claimed_at is not null as claimed from tenants where id = ? for no key update`,
    [tenantId],
  );
  if (tenant?.claimed) throw new Refusal('TENANT_OFFBOARDED', 'this tenant is being deleted');
  return em.create(WebhookDelivery, {
    tenantId,
    id: newId(),
    endpointOwnerId,
    endpointId,
    eventId,
    eventType,
    payload,
    createdAt,
    nextAttemptAt: now,
  });
}

async function findDelivery({ em, ownerId }: OwnerScope, id: string): Promise<WebhookDelivery> {
  const delivery = await em.findOne(WebhookDelivery, { endpointOwnerId: ownerId, id });
  if (!delivery) throw new Refusal('NOT_FOUND', 'no such delivery');
  return delivery;
}

function describeDelivery(delivery: WebhookDelivery) {
  return {
    id: delivery.id,
    tenantId: delivery.tenantId === noTenant ? null : delivery.tenantId,
    endpointId: delivery.endpointId,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    state: delivery.state,
    attempts: delivery.attempts,
    lastStatus: delivery.lastStatus ?? null,
    lastError: delivery.lastError ?? null,
    createdAt: delivery.createdAt.toISOString(),
    nextAttemptAt: delivery.state === 'pending' ? delivery.nextAttemptAt.toISOString() : null,
    settledAt: delivery.settledAt?.toISOString() ?? null,
    data: delivery.payload,
  };
}
