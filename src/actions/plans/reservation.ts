import { entitlements, limitReached } from '../../domain/plans/entitlements.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { UsageMark } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { noteOverage } from './overage.ts';
import { countUsed, type PlaceLimit } from './counting.ts';
import { noteUsage } from './usage-marks.ts';

/**
 * Takes places of a limit for what is written next, in the same transaction: every door calls it first. Of several who
 * want the last place one is let in, and the others get `PLAN_LIMIT_REACHED`. An unlimited tenant is neither locked
 * nor counted.
 */
export async function reserve(scope: TenantScope, limit: PlaceLimit, wanted = 1): Promise<void> {
  if (mostOf(scope.tenant, limit) === null) return;
  const tenant = await lockTenant(scope);
  const most = mostOf(tenant, limit);
  if (most === null) return;
  const used = await countUsed(scope, limit);
  if (used + wanted > most) {
    const allowed = entitlements(tenant).limits[limit];
    throw limitReached(tenant, { limit, allowed, used }, wanted);
  }
  await note({ ...scope, tenant }, limit, used + wanted);
}

/** Notes that places have become free, by what was written before. */
export async function release(scope: TenantScope, limit: PlaceLimit): Promise<void> {
  const { em, tenant } = scope;
  if (mostOf(tenant, limit) === null) return;
  await em.flush();
  // Who uses little has nothing to take back.
  const marks = await em.count(UsageMark, { tenantId: tenant.id, limitName: limit });
  if (marks === 0 && !tenant.overLimitUntil) return;
  const locked = await lockTenant(scope);
  await note({ ...scope, tenant: locked }, limit, await countUsed(scope, limit));
}

async function note(scope: TenantScope, limit: PlaceLimit, used: number): Promise<void> {
  await noteUsage(scope, limit, used);
  if (limit === 'users') await noteOverage(scope, used);
}

/** As many as the database lets in; `null`: any number. */
function mostOf({ limitUsers, limitProjects }: Tenant, limit: PlaceLimit): number | null {
  return (limit === 'users' ? limitUsers : limitProjects) ?? null;
}
