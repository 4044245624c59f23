import { z } from 'zod';
import { line } from '../../domain/names.ts';
import type { PageInput } from '../../domain/pages.ts';
import { Refusal } from '../../domain/refusal.ts';
import { isStorable } from '../../domain/user-attributes.ts';
import {
  endpointLimit,
  readWebhookUrl,
  secretOverlapHours,
  webhookEventTypes,
} from '../../domain/webhooks.ts';
import { minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { record } from '../../db/audit.ts';
import { WebhookDelivery, WebhookEndpoint } from '../../db/entities/webhook.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import { authorizeOwner, lockEndpoint, type OwnerScope, sealSecret } from './endpoint-owner.ts';

const endpointFields = z.object({
  url: line(2048),
  /** None is all. */
  eventTypes: z.array(z.enum(webhookEventTypes)).max(100),
  description: z.string().trim().max(500).refine(isStorable, 'contains a character that cannot be stored'),
});
export const createEndpointInput = endpointFields.partial({ eventTypes: true, description: true });
export const endpointInput = z.object({ endpointId: z.uuid() });
export const updateEndpointInput = endpointInput
  .extend(endpointFields.shape)
  .extend({ enabled: z.boolean() })
  .partial({ url: true, eventTypes: true, description: true, enabled: true });

/** Tells an endpoint of lifecycle events from now on. Its signing secret is shown once. */
export async function createEndpoint(scope: OwnerScope, input: z.infer<typeof createEndpointInput>) {
  authorizeOwner(scope, 'webhook.write');
  const { em, ownerId, now, ports } = scope;
  const url = readWebhookUrl(input.url, ports.webhooks);
  if ((await em.count(WebhookEndpoint, { tenantId: ownerId })) >= endpointLimit) {
    throw new Refusal('CONFLICT', `there are ${endpointLimit} endpoints already: remove one first`);
  }
  const id = newId();
  const secret = ports.webhooks.createSecret();
  const endpoint = em.create(WebhookEndpoint, {
    tenantId: ownerId,
    id,
    url,
    description: input.description ?? '',
    eventTypes: distinct(input.eventTypes),
    secretSealed: sealSecret(scope, id, secret),
    createdAt: now,
  });
  const { eventTypes } = endpoint;
  await record(scope, 'webhook_endpoint.created', { target: targetOf(id), details: { url, eventTypes } });
  return { ...describeEndpoint(endpoint), secret };
}

/** The owner's endpoints, newest first; never their secrets. */
export function listEndpoints(scope: OwnerScope, page: PageInput) {
  authorizeOwner(scope, 'webhook.read');
  const tenantId = scope.ownerId;
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(WebhookEndpoint, { tenantId, ...after }, newestFirst),
    describe: describeEndpoint,
  });
}

/** Changes an endpoint, or switches it off or on again. What happens while it is off, it is never told of. */
export async function updateEndpoint(scope: OwnerScope, input: z.infer<typeof updateEndpointInput>) {
  authorizeOwner(scope, 'webhook.write');
  const endpoint = await lockEndpoint(scope, input.endpointId);
  if (input.url !== undefined) endpoint.url = readWebhookUrl(input.url, scope.ports.webhooks);
  if (input.eventTypes !== undefined) endpoint.eventTypes = distinct(input.eventTypes);
  if (input.description !== undefined) endpoint.description = input.description;
  if (input.enabled === true) enable(endpoint);
  if (input.enabled === false) await switchOff(scope, endpoint, 'on request');
  const { url, eventTypes } = endpoint;
  await record(scope, 'webhook_endpoint.updated', {
    target: targetOf(endpoint.id),
    details: { url, eventTypes, enabled: endpoint.disabledAt === null },
  });
  return describeEndpoint(endpoint);
}

/** Removes an endpoint with its log; what was on its way to it is not sent any more. */
export async function removeEndpoint(scope: OwnerScope, { endpointId }: z.infer<typeof endpointInput>) {
  authorizeOwner(scope, 'webhook.write');
  const endpoint = await lockEndpoint(scope, endpointId);
  await scope.em.nativeDelete(WebhookDelivery, { endpointOwnerId: scope.ownerId, endpointId });
  scope.em.remove(endpoint);
  await record(scope, 'webhook_endpoint.removed', {
    target: targetOf(endpointId),
    details: { url: endpoint.url },
  });
  return describeEndpoint(endpoint);
}

/** A new signing secret, shown once; the old one signs beside it for a day. */
export async function rotateSecret(scope: OwnerScope, { endpointId }: z.infer<typeof endpointInput>) {
  authorizeOwner(scope, 'webhook.write');
  const endpoint = await lockEndpoint(scope, endpointId);
  const secret = scope.ports.webhooks.createSecret();
  const previousSecretExpiresAt = minutesAfter(scope.now, secretOverlapHours * 60);
  endpoint.previousSecretSealed = endpoint.secretSealed;
  endpoint.previousSecretExpiresAt = previousSecretExpiresAt;
  endpoint.secretSealed = sealSecret(scope, endpointId, secret);
  await record(scope, 'webhook_endpoint.secret_rotated', { target: targetOf(endpointId) });
  return { ...describeEndpoint(endpoint), secret };
}

/** Switches an endpoint off. What was still on its way has failed, and can be sent again when it is on again. */
export async function switchOff(scope: OwnerScope, endpoint: WebhookEndpoint, reason: string): Promise<void> {
  endpoint.disabledAt ??= scope.now;
  endpoint.disabledReason ??= reason;
  await scope.em.flush();
  await scope.em.nativeUpdate(
    WebhookDelivery,
    { endpointOwnerId: scope.ownerId, endpointId: endpoint.id, state: 'pending' },
    { state: 'failed', lastError: 'the endpoint is switched off', settledAt: scope.now, leasedUntil: null },
  );
}

function enable(endpoint: WebhookEndpoint): void {
  endpoint.disabledAt = null;
  endpoint.disabledReason = null;
  endpoint.failingSince = null;
}

function distinct<T>(items: readonly T[] = []): T[] {
  return [...new Set(items)];
}

function targetOf(id: string) {
  return { kind: 'webhook_endpoint', id };
}

function describeEndpoint(endpoint: WebhookEndpoint) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    eventTypes: endpoint.eventTypes,
    enabled: !endpoint.disabledAt,
    disabledAt: endpoint.disabledAt?.toISOString() ?? null,
    disabledReason: endpoint.disabledReason ?? null,
    failingSince: endpoint.failingSince?.toISOString() ?? null,
    previousSecretExpiresAt: endpoint.previousSecretExpiresAt?.toISOString() ?? null,
    createdAt: endpoint.createdAt.toISOString(),
  };
}
