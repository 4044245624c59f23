import { Refusal } from '../refusal.ts';

/** A tenant's statuses. A purge leaves no tenant, only a tombstone. */
export const tenantStatuses = ['onboarding', 'trial', 'active', 'suspended', 'offboarded'] as const;
export type TenantStatus = (typeof tenantStatuses)[number];

/** Statuses to which a tenant can return when its last suspension ends. */
export type LivingStatus = Exclude<TenantStatus, 'suspended' | 'offboarded'>;

/** How strict a suspension is, from the mildest to the strictest. */
export const suspensionModes = ['read_only', 'blocked'] as const;
export type SuspensionMode = (typeof suspensionModes)[number];

/** What can happen to a tenant's status. `reinstate` leads back to the status before the suspension. */
export const tenantEvents = ['go_live', 'end_trial', 'change_plan', 'suspend', 'reinstate'] as const;
export type TenantEvent = (typeof tenantEvents)[number];

type Move = TenantStatus | 'same' | 'before';

/** Every move a tenant may make. A move that is not written here does not exist. */
const moves: Record<TenantStatus, Partial<Record<TenantEvent, Move>>> = {
  onboarding: { go_live: 'active', suspend: 'suspended' },
  trial: { end_trial: 'active', change_plan: 'same', suspend: 'suspended' },
  active: { change_plan: 'same', suspend: 'suspended' },
  suspended: { change_plan: 'same', suspend: 'suspended', reinstate: 'before' },
  offboarded: {},
};

/** Tells where `event` leads; `TRANSITION_NOT_ALLOWED` names what is allowed instead. */
export function nextStatus(
  tenant: { status: TenantStatus; statusBefore: LivingStatus | null },
  event: TenantEvent,
): TenantStatus {
  const move = moves[tenant.status][event];
  if (move === 'same') return tenant.status;
  if (move === 'before' && tenant.statusBefore) return tenant.statusBefore;
  if (move && move !== 'before') return move;
  const allowed = Object.keys(moves[tenant.status]);
  throw new Refusal('TRANSITION_NOT_ALLOWED', `cannot ${event} a tenant that is ${tenant.status}`, {
    from: tenant.status,
    action: event,
    allowed,
  });
}

/** Of several open suspensions the strictest rules; none is `null`. */
export function strictestMode(modes: readonly SuspensionMode[]): SuspensionMode | null {
  return modes.toSorted((a, b) => suspensionModes.indexOf(b) - suspensionModes.indexOf(a))[0] ?? null;
}

/** Whether a status is one to which a suspended tenant can return. */
export function isLiving(status: TenantStatus): status is LivingStatus {
  return status !== 'suspended' && status !== 'offboarded';
}
