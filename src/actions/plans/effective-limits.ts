import { changeSettings, defaultSettings, type TenantSettings } from '../../domain/lifecycle/settings.ts';
import { type Plan, termsOf } from '../../domain/plans/catalogue.ts';
import { entitlements, type Entitled } from '../../domain/plans/entitlements.ts';
import { placesAbove } from '../../domain/plans/overrides.ts';
import { StorageUsage } from '../../db/entities/plans.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';

/** The limits of a new tenant, as the database holds them. */
export function limitColumns(tenant: Entitled) {
  const { users, projects, storageBytes, apiCalls } = entitlements(tenant).limits;
  return {
    limitUsers: users,
    limitProjects: projects,
    limitStorageBytes: storageBytes,
    limitApiCalls: apiCalls,
  };
}

/** The settings of a new tenant, with those that its plan declares. */
export function settingsOf(plan: Plan): TenantSettings {
  return changeSettings(defaultSettings(), termsOf(plan).settings);
}

/**
 * Writes the limits that the database holds a tenant to, after its plan, its overrides or its overage have changed. The
 * tenant was locked by `lockAgainstWriters`, so that nobody is still writing by the limits of before.
 */
export async function writeLimits(scope: TenantScope, tenant: Tenant): Promise<void> {
  const columns = limitColumns(tenant);
  Object.assign(tenant, columns, { limitUsers: withOverage(scope, tenant) });
  await scope.em.flush();
  if (columns.limitStorageBytes === null) {
    await scope.em.nativeDelete(StorageUsage, { tenantId: tenant.id });
    return;
  }
  await scope.em.execute(
    `insert into storage_usage (tenant_id, bytes, files)
     select ?::uuid, coalesce(sum(bytes), 0), count(*) from project_files where tenant_id = ?
     on conflict (tenant_id) do update set bytes = excluded.bytes, files = excluded.files`,
    [tenant.id, tenant.id],
  );
}

/** The users that the database lets in: while a soft overage is open, some more than the limit. */
function withOverage({ tenantNow }: TenantScope, tenant: Tenant): number | null {
  const { users } = entitlements(tenant).limits;
  const { overage } = tenant.planOverrides ?? {};
  const { overLimitUntil } = tenant;
  if (users === null || !overage || (overLimitUntil && overLimitUntil <= tenantNow)) return users;
  return users + placesAbove(users, overage.percent);
}
