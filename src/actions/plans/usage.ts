import { type LimitName, limitNames } from '../../domain/plans/catalogue.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { readApiCalls } from '../../db/calls/budget-table.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';
import { readUsage } from './counting.ts';

/** How much of each limit a tenant uses now; API calls in the last 15 minutes. */
export type Usage = Record<LimitName, number>;

/** What a tenant uses now, its API calls among it, and when the last of those is forgotten. */
export async function readUsageWithCalls(scope: TenantScope) {
  const usage = await readUsage(scope);
  const calls = await atControlPlane(scope, (control) => readApiCalls(control, scope.tenant.id));
  return { ...usage, apiCalls: calls.used, apiCallsResetAt: calls.resetAt?.toISOString() ?? null };
}

/** Which limits are exceeded, as after a change of plan: nothing was deleted, and no more is let in. */
export function exceededLimits(
  tenant: Parameters<typeof entitlements>[0],
  usage: Partial<Usage>,
): LimitName[] {
  const { limits } = entitlements(tenant);
  return limitNames.filter((limit) => (usage[limit] ?? 0) > (limits[limit] ?? Infinity));
}
