import type { PolicyDef, TriggerDef } from '@mikro-orm/core';

/**
 * The run-time roles. None owns anything, logs in, or can bypass row-level security; the service's login role
 * switches to one of them at the start of every transaction.
 */
export const tenantRole = 'tenantry_tenant';
/** Sees the tables that route and steer; enters a tenant only through its scope. */
export const controlRole = 'tenantry_control';
/** Used by purge and retention alone: may delete what the others can only append to. */
export const purgeRole = 'tenantry_purge';

/** The pseudo-tenant under which actions without a tenant keep their audit events and idempotency keys. */
export const noTenant = '00000000-0000-0000-0000-000000000000';

// PostgreSQL prints a policy's expression back in this form, and the migration check compares it letter by letter.
const isCurrent = (column: string) =>
  `(${column} = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))`;

function guarded(column: string): PolicyDef[] {
  const bound = [tenantRole, purgeRole];
  return [
    { name: 'tenant_rows', roles: bound, using: 'true', check: 'true' },
    {
      name: 'tenant_guard',
      type: 'restrictive',
      roles: bound,
      using: isCurrent(column),
      check: isCurrent(column),
    },
  ];
}

const controlRows: PolicyDef = { name: 'control_rows', roles: [controlRole], using: 'true', check: 'true' };

const tenantless = `(tenant_id = '${noTenant}'::uuid)`;
const tenantlessRows: PolicyDef = {
  name: 'control_rows',
  roles: [controlRole],
  using: tenantless,
  check: tenantless,
};

type Isolation = { rowLevelSecurity: 'force'; policies: PolicyDef[] };

/** Rows of one tenant, seen in its scope alone. */
export const ownedByTenant: Isolation = { rowLevelSecurity: 'force', policies: guarded('tenant_id') };

/** Rows of one tenant by which the control plane routes and steers. */
export const routesToTenant: Isolation = {
  rowLevelSecurity: 'force',
  policies: [...guarded('tenant_id'), controlRows],
};

/** Rows of one tenant, or of the control plane where an action has no tenant. */
export const ownedByTenantOrNone: Isolation = {
  rowLevelSecurity: 'force',
  policies: [...guarded('tenant_id'), tenantlessRows],
};

/**
 * What a foreign key does elsewhere, for a table whose rows may have no tenant: a row of a tenant needs that tenant,
 * which cannot be deleted while it is being written.
 */
export function needsTenant(table: string): TriggerDef {
  return {
    name: `${table}_tenant`,
    timing: 'before',
    events: ['insert'],
    body: `if new.tenant_id <> '${noTenant}'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new;`,
  };
}

/** The tenants themselves. */
export const isTenant: Isolation = { rowLevelSecurity: 'force', policies: [...guarded('id'), controlRows] };
