import { isOverdue } from '../../domain/approvals.ts';
import type { Approval } from '../../db/entities/operations.ts';
import { noTenant } from '../../db/policies.ts';

/** An approval as operators see it. What has waited too long is expired, also before that is noted. */
export function describeApproval(approval: Approval, now: Date) {
  return {
    id: approval.id,
    tenantId: approval.tenantId === noTenant ? null : approval.tenantId,
    action: approval.action,
    input: approval.input,
    state: isOverdue(approval, now) ? ('expired' as const) : approval.state,
    requestedAt: approval.requestedAt.toISOString(),
    expiresAt: approval.expiresAt.toISOString(),
    requestedBy: {
      kind: approval.requestedByKind,
      id: approval.requestedById,
      person: approval.requestedByKey,
    },
    decidedAt: approval.decidedAt?.toISOString() ?? null,
    decidedBy: personOf(approval.decidedById, approval.decidedByKey),
    note: approval.decisionNote ?? null,
    failure: approval.failure ?? null,
    brokenGlass: approval.brokenGlass,
    review: approval.reviewedAt
      ? { at: approval.reviewedAt.toISOString(), by: approval.reviewedByKey, note: approval.reviewNote }
      : null,
    escalatedAt: approval.escalatedAt?.toISOString() ?? null,
  };
}

function personOf(id: string | null | undefined, person: string | null | undefined) {
  return id && person ? { id, person } : null;
}
