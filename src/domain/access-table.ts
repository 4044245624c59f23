import { requirePersonAccess, requireScimAccess, requireSsoAccess, type TenantState } from './access.ts';
import { type Entitled, requireFeature } from './plans/entitlements.ts';
import { Refusal } from './refusal.ts';

/** Every way into a tenant that its state or plan can close. */
export const waysIn = [
  'owner_reads',
  'owner_writes',
  'owner_exports',
  'admin_reads',
  'admin_writes',
  'admin_exports',
  'member_reads',
  'member_writes',
  'scim_reads',
  'scim_writes',
  'scim_deprovisions',
  'sso_signs_in',
  'sessions_are_active',
  'operators_write',
] as const;
export type WayIn = (typeof waysIn)[number];

/** Which ways into a tenant are open. */
export type AccessTable = Record<WayIn, boolean>;

/** What a tenant's state and plan let its people, its directory, its identity provider and the host application do. */
export function accessTable(tenant: TenantState & Entitled): AccessTable {
  const scim = (effect: 'read' | 'write' | 'deprovision') =>
    isOpen(() => {
      requireScimAccess(tenant, effect);
      requireFeature(tenant, 'scim');
    });
  return {
    owner_reads: isOpen(() => requirePersonAccess(tenant, 'owner', 'read')),
    owner_writes: isOpen(() => requirePersonAccess(tenant, 'owner', 'write')),
    owner_exports: isOpen(() => requirePersonAccess(tenant, 'owner', 'account')),
    admin_reads: isOpen(() => requirePersonAccess(tenant, 'admin', 'read')),
    admin_writes: isOpen(() => requirePersonAccess(tenant, 'admin', 'write')),
    admin_exports: isOpen(() => requirePersonAccess(tenant, 'admin', 'account')),
    member_reads: isOpen(() => requirePersonAccess(tenant, 'member', 'read')),
    member_writes: isOpen(() => requirePersonAccess(tenant, 'member', 'write')),
    scim_reads: scim('read'),
    scim_writes: scim('write'),
    scim_deprovisions: scim('deprovision'),
    sso_signs_in: isOpen(() => {
      requireSsoAccess(tenant);
      requireFeature(tenant, 'sso');
    }),
    // Introspection asks the same of every session.
    sessions_are_active: isOpen(() => requirePersonAccess(tenant, 'owner', 'read')),
    operators_write: tenant.status !== 'offboarded',
  };
}

/** What is closed afterwards and was open before, and the other way round. */
export function compareAccess(before: AccessTable, after: AccessTable): { closed: WayIn[]; opened: WayIn[] } {
  return {
    closed: waysIn.filter((way) => before[way] && !after[way]),
    opened: waysIn.filter((way) => !before[way] && after[way]),
  };
}

function isOpen(rule: () => void): boolean {
  try {
    rule();
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
