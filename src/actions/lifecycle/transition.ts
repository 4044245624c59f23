import type { LifecycleState, TenantEvent } from '../../domain/lifecycle/transitions.ts';
import { nextStatus } from '../../domain/lifecycle/transitions.ts';
import type { TenantStatus } from '../../domain/lifecycle/status.ts';
import { LegalHold, Offboarding } from '../../db/entities/offboarding.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';

/** A tenant at the moment of a decision: its row locked, and what else decides. */
export type Standing = { tenant: Tenant; offboarding: Offboarding | null; hold: LegalHold | null };

/** Locks the tenant and reads what decides over it. */
export async function lockStanding(scope: TenantScope): Promise<Standing> {
  const tenant = await lockTenant(scope);
  const tenantId = tenant.id;
  const offboarding = await scope.em.findOne(
    Offboarding,
    { tenantId, phase: { $ne: 'cancelled' } },
    { refresh: true },
  );
  const hold = await scope.em.findOne(LegalHold, { tenantId, releasedAt: null }, { refresh: true });
  return { tenant, offboarding, hold };
}

/** What the rules decide by. */
export function stateOf({ tenant, offboarding, hold }: Standing): LifecycleState {
  return {
    status: tenant.status,
    statusBefore: tenant.statusBefore ?? null,
    phase: offboarding?.phase ?? null,
    onHold: hold !== null,
    statusBeforeOffboarding: offboarding?.statusBefore ?? null,
  };
}

/** Locks the tenant and tells where an event leads, or refuses with `TRANSITION_NOT_ALLOWED`. */
export async function decide(
  scope: TenantScope,
  event: TenantEvent,
): Promise<Standing & { status: TenantStatus }> {
  const standing = await lockStanding(scope);
  return { ...standing, status: nextStatus(stateOf(standing), event) };
}
