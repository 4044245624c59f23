import { Refusal } from './refusal.ts';
import type { TenantRole } from './actors.ts';
import type { LivingStatus, SuspensionMode, TenantStatus } from './lifecycle/status.ts';

/** What decides whether a tenant's people and machines may act. */
export type TenantState = {
  status: TenantStatus;
  suspensionMode: SuspensionMode | null;
  /** Of a suspended tenant: what it was, and is underneath. */
  statusBefore?: LivingStatus | null;
};

/** How far a tenant's own people may go. */
export const accessModes = ['full', 'read_only', 'blocked', 'none'] as const;
export type AccessMode = (typeof accessModes)[number];

/**
 * What a call does to a tenant. `account` is what even a blocked tenant's owner may do: see billing, export. `steer`
 * moves its lifecycle, which a read-only tenant's people may still do where they may at all.
 */
export type Effect = 'read' | 'write' | 'steer' | 'account' | 'deprovision';

/** The access of a tenant's people as a whole; derived from status and strictest suspension, stored nowhere. */
export function accessMode({ status, suspensionMode }: TenantState): AccessMode {
  if (status === 'offboarded') return 'none';
  if (status !== 'suspended') return 'full';
  return suspensionMode === 'read_only' ? 'read_only' : 'blocked';
}

/**
 * Lets a tenant's person pass, or says why the tenant's status stands in the way: `TENANT_OFFBOARDED`,
 * `TENANT_ONBOARDING` (members, before go-live), `TENANT_SUSPENDED`, `TENANT_READ_ONLY`.
 */
export function requirePersonAccess(tenant: TenantState, role: TenantRole, effect: Effect): void {
  const mode = accessMode(tenant);
  if (mode === 'none') throw new Refusal('TENANT_OFFBOARDED', 'this tenant has been offboarded');
  if (role === 'member' && (tenant.status === 'onboarding' || tenant.statusBefore === 'onboarding')) {
    throw new Refusal(
      'TENANT_ONBOARDING',
      'this tenant is not live yet; its members can sign in after go-live',
    );
  }
  if (mode === 'blocked' && !(effect === 'account' && role === 'owner')) {
    throw new Refusal('TENANT_SUSPENDED', 'this tenant is suspended');
  }
  if (mode === 'read_only' && (effect === 'write' || effect === 'deprovision')) {
    throw new Refusal('TENANT_READ_ONLY', 'this tenant is suspended and can only be read');
  }
}

/** Lets a directory sync pass: taking access away and reading are allowed while a tenant is suspended. */
export function requireScimAccess(tenant: TenantState, effect: Effect): void {
  const mode = accessMode(tenant);
  if (mode === 'none') throw new Refusal('TENANT_OFFBOARDED', 'this tenant has been offboarded');
  if (mode === 'full' || effect === 'read' || effect === 'deprovision') return;
  throw new Refusal('TENANT_SUSPENDED', 'this tenant is suspended: only deprovisioning is allowed');
}

/** Lets a single sign-on pass, unless the tenant is blocked or gone. */
export function requireSsoAccess(tenant: TenantState): void {
  const mode = accessMode(tenant);
  if (mode === 'none') throw new Refusal('TENANT_OFFBOARDED', 'this tenant has been offboarded');
  if (mode === 'blocked') throw new Refusal('TENANT_SUSPENDED', 'this tenant is suspended');
}

/** Operators may act on every tenant, but write nothing into one that has been offboarded. */
export function requireOperatorAccess(tenant: TenantState, effect: Effect): void {
  if (accessMode(tenant) === 'none' && effect === 'write') {
    throw new Refusal('TENANT_OFFBOARDED', 'this tenant has been offboarded');
  }
}
