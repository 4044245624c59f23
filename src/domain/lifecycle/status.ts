/** A tenant's statuses. A purge leaves no tenant, only a tombstone. */
export const tenantStatuses = ['onboarding', 'trial', 'active', 'suspended', 'offboarded'] as const;
export type TenantStatus = (typeof tenantStatuses)[number];

/** Statuses to which a tenant can return when its last suspension ends. */
export type LivingStatus = Exclude<TenantStatus, 'suspended' | 'offboarded'>;

/** How strict a suspension is, from the mildest to the strictest. */
export const suspensionModes = ['read_only', 'blocked'] as const;
export type SuspensionMode = (typeof suspensionModes)[number];

/** Of several open suspensions the strictest rules; none is `null`. */
export function strictestMode(modes: readonly SuspensionMode[]): SuspensionMode | null {
  return modes.toSorted((a, b) => suspensionModes.indexOf(b) - suspensionModes.indexOf(a))[0] ?? null;
}

/** Whether a status is one to which a suspended tenant can return. */
export function isLiving(status: TenantStatus): status is LivingStatus {
  return status !== 'suspended' && status !== 'offboarded';
}
