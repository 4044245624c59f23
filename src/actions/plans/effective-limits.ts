import { changeSettings, defaultSettings, type TenantSettings } from '../../domain/lifecycle/settings.ts';
import { type Plan, termsOf } from '../../domain/plans/catalogue.ts';
import { entitlements, type Entitled } from '../../domain/plans/entitlements.ts';
import { usersAdmitted } from '../../domain/plans/overage.ts';
import { StorageUsage } from '../../db/entities/plans.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { noteOverage } from './overage.ts';
import { readUsage } from './counting.ts';
import { noteUsage } from './usage-marks.ts';

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
  Object.assign(tenant, columns);
  await noteAll({ ...scope, tenant });
  tenant.limitUsers = usersAdmitted(tenant, scope.tenantNow);
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

/** Notes how what is used stands to limits that have changed. */
async function noteAll(scope: TenantScope): Promise<void> {
  const { users, projects, storageBytes } = await readUsage(scope);
  await noteUsage(scope, 'users', users);
  await noteUsage(scope, 'projects', projects);
  await noteUsage(scope, 'storageBytes', storageBytes);
  await noteOverage(scope, users);
}
