import { LegalHold, type Offboarding } from '../../db/entities/offboarding.ts';
import type { TenantScope } from '../../db/scope.ts';

/** An offboarding as callers see it, with its hold where there is one. */
export async function describeOffboarding(
  { em, tenant }: TenantScope,
  { offboarding }: { offboarding: Offboarding },
) {
  const hold = await em.findOne(LegalHold, { tenantId: tenant.id, releasedAt: null });
  return {
    id: offboarding.id,
    tenantId: tenant.id,
    status: tenant.status,
    trigger: offboarding.trigger,
    phase: offboarding.phase,
    note: offboarding.note,
    /** What comes next by itself: the end while on notice, then the purge. */
    dueAt: (offboarding.phase === 'executed'
      ? offboarding.purgeDueAt
      : offboarding.effectiveAt
    )?.toISOString(),
    requestedAt: offboarding.requestedAt.toISOString(),
    requestedBy: { kind: offboarding.requestedByKind, id: offboarding.requestedById ?? null },
    effectiveAt: offboarding.effectiveAt.toISOString(),
    executedAt: offboarding.executedAt?.toISOString() ?? null,
    purgeDueAt: offboarding.purgeDueAt?.toISOString() ?? null,
    cancelledAt: offboarding.cancelledAt?.toISOString() ?? null,
    cancelNote: offboarding.cancelNote ?? null,
    legalHold: hold ? describeHold(hold) : null,
  };
}

/** A legal hold as callers see it. */
export function describeHold(hold: LegalHold) {
  return {
    id: hold.id,
    note: hold.note,
    placedAt: hold.placedAt.toISOString(),
    placedBy: { kind: hold.placedByKind, id: hold.placedById ?? null },
    releasedAt: hold.releasedAt?.toISOString() ?? null,
    releasedBy: hold.releasedByKind ? { kind: hold.releasedByKind, id: hold.releasedById ?? null } : null,
    releaseNote: hold.releaseNote ?? null,
  };
}
