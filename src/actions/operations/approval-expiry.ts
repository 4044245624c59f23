import { record } from '../../db/audit.ts';
import { Approval } from '../../db/entities/operations.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';

/** Marks what nobody decided in time, of some pending approvals; each is marked once. */
export async function expireOverdue(
  place: TenantScope | ControlScope,
  which: Partial<Pick<Approval, 'id' | 'action' | 'inputHash' | 'requestedByKey'>>,
): Promise<void> {
  const { em, now, ownerId } = place;
  const pending = { ...which, tenantId: ownerId, state: 'pending' as const, expiresAt: { $lte: now } };
  for (const { id, action } of await em.find(Approval, pending)) {
    const expired = await em.nativeUpdate(Approval, { ...pending, id }, { state: 'expired' });
    if (expired === 0) continue;
    await record(place, 'approval.expired', { target: { kind: 'approval', id }, details: { action } });
  }
}
