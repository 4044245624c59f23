import { LockMode } from '@mikro-orm/core';
import { authorize, requirePermission } from '../../domain/permissions.ts';
import type { SecretBox } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { WebhookEndpoint } from '../../db/entities/webhook.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';

/** Whose endpoints these are: a tenant's, or at the control plane the operator's, who hears of every tenant. */
export type OwnerScope = TenantScope | ControlScope;

/** Lets an actor look at the owner's endpoints, or change them. */
export function authorizeOwner(scope: OwnerScope, action: 'webhook.read' | 'webhook.write'): void {
  if (scope.kind === 'tenant') return authorize(scope.actor, scope.tenant, action);
  requirePermission(scope.actor, action);
}

/** The owner's endpoint, its row locked; `NOT_FOUND` where there is none. */
export async function lockEndpoint(scope: OwnerScope, id: string): Promise<WebhookEndpoint> {
  const endpoint = await lockIfThere(scope, id);
  if (!endpoint) throw new Refusal('NOT_FOUND', 'no such endpoint');
  return endpoint;
}

/** The owner's endpoint, its row locked, or `null` when it was removed. */
export function lockIfThere({ em, ownerId }: OwnerScope, id: string): Promise<WebhookEndpoint | null> {
  const where = { tenantId: ownerId, id };
  return em.findOne(WebhookEndpoint, where, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

/** A secret as it is stored: sealed with the key of its tenant, or with `SECRET_KEY` where there is none. */
export function sealSecret(scope: OwnerScope, endpointId: string, secret: string): string {
  return boxOf(scope).seal(secret, contextOf(endpointId));
}

/** The secrets that sign now: the present one, and for a day the one before it. */
export function openSecrets(scope: OwnerScope, endpoint: WebhookEndpoint): string[] {
  const { id, secretSealed, previousSecretSealed, previousSecretExpiresAt } = endpoint;
  const overlaps = previousSecretSealed && previousSecretExpiresAt && previousSecretExpiresAt > scope.now;
  const sealed = overlaps ? [secretSealed, previousSecretSealed] : [secretSealed];
  return sealed.map((text) => boxOf(scope).openText(text, contextOf(id)));
}

function boxOf(scope: OwnerScope): SecretBox {
  return scope.kind === 'tenant' ? scope.key : scope.ports.master;
}

function contextOf(endpointId: string): string {
  return `webhook_endpoint:${endpointId}`;
}
