import type { LimitName } from '../../domain/plans/catalogue.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { UsageMark } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { countUsed } from './counting.ts';

/** At how many percent of a limit the admins hear of it. */
const percents = [80, 100] as const;

/**
 * Notes what a tenant uses of a limit, after a change. Who comes to 80 or 100 % is told so, once for each crossing: the
 * mark of it goes when less is used again. Where nothing is limited nothing is noted.
 */
export async function noteUsage(scope: TenantScope, limit: LimitName, used: number): Promise<void> {
  const { em, tenant } = scope;
  const which = { tenantId: tenant.id, limitName: limit };
  const reached = percentsReached(entitlements(tenant).limits[limit], used);
  const marks = await em.execute<{ percent: number }[]>(
    `select percent from usage_marks where tenant_id = ? and limit_name = ?`,
    [tenant.id, limit],
  );
  const marked = marks.map(({ percent }) => percent);
  if (marked.some((percent) => !reached.some((one) => one === percent))) {
    await em.nativeDelete(UsageMark, { ...which, percent: { $nin: reached } });
  }
  const crossed = reached.filter((percent) => !marked.includes(percent));
  for (const percent of crossed)
    await em.insert(UsageMark, { ...which, percent, crossedAt: scope.tenantNow });
  const highest = crossed.at(-1);
  if (highest === undefined) return;
  const occurrence = `${limit} ${highest} ${scope.now.toISOString()}`;
  await tellAdmins(scope, { mail: 'usage_notice', limit, percent: highest }, occurrence);
}

/** Notes what a tenant stores, after that has changed. */
export async function noteStorage(scope: TenantScope): Promise<void> {
  if ((scope.tenant.limitStorageBytes ?? null) === null) return;
  await noteUsage(scope, 'storageBytes', await countUsed(scope, 'storageBytes'));
}

function percentsReached(allowed: number | null, used: number) {
  if (allowed === null || allowed === 0) return [];
  return percents.filter((percent) => used * 100 >= allowed * percent);
}
