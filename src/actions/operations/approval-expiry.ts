import { approvalDays } from '../../domain/approvals.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { escalationDays } from '../../domain/lifecycle/priorities.ts';
import { record } from '../../db/audit.ts';
import { Approval } from '../../db/entities/operations.ts';
import { type ControlScope, enterPlace, type TenantScope } from '../../db/scope.ts';
import { tellDeciders } from './approval-mails.ts';

type ApprovalKey = Pick<Approval, 'tenantId' | 'id'>;

/** Some pending approvals whose time has come, to expire or to be escalated: what expires first comes first. */
export async function listDueApprovals({ em, now }: ControlScope, limit: number): Promise<ApprovalKey[]> {
  const escalatesBefore = daysAfter(now, approvalDays - escalationDays);
  const due = [{ expiresAt: { $lte: now } }, { escalatedAt: null, expiresAt: { $lte: escalatesBefore } }];
  const options = { orderBy: { expiresAt: 'asc' }, limit } as const;
  const found = await em.find(Approval, { state: 'pending', $or: due }, options);
  return found.map(({ tenantId, id }) => ({ tenantId, id }));
}

/** Marks an approval as expired, or tells again of one that has waited for two days. Harmless twice. */
export function settleDueApproval(scope: ControlScope, { tenantId, id }: ApprovalKey): Promise<void> {
  return enterPlace(scope, tenantId, async (place) => {
    await expireOverdue(place, { id });
    await escalate(place, id);
  });
}

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

/** Tells everybody who may decide that an approval still waits, once. */
async function escalate(place: TenantScope | ControlScope, id: string): Promise<void> {
  const { em, now, ownerId } = place;
  const waiting = {
    tenantId: ownerId,
    id,
    state: 'pending' as const,
    escalatedAt: null,
    requestedAt: { $lte: daysAfter(now, -escalationDays) },
  };
  if ((await em.nativeUpdate(Approval, waiting, { escalatedAt: now })) === 0) return;
  const approval = await em.findOneOrFail(Approval, { tenantId: ownerId, id }, { refresh: true });
  const { action } = approval;
  await record(place, 'approval.escalated', { target: { kind: 'approval', id }, details: { action } });
  await tellDeciders(place, 'approval_escalated', approval);
}
