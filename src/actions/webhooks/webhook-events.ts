import { type DeliveredType, type LifecycleEventType, testEventType } from '../../domain/webhooks.ts';
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
