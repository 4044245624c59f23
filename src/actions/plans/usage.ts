import { type LimitName, limitNames } from '../../domain/plans/catalogue.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { readApiCalls } from '../../db/calls/budget-table.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';

/** How much of each limit a tenant uses now; API calls in the last 15 minutes. */
export type Usage = Record<LimitName, number>;

/** Counts what a tenant uses. A user is an active person or an open invitation. */
export async function readUsage({ em, tenant }: TenantScope): Promise<Omit<Usage, 'apiCalls'>> {
  await em.flush();
  const [row] = await em.execute<{ users: number; projects: number; bytes: string }[]>(
    `select
       (select count(*) from users where tenant_id = t.id and active and removed_at is null)::int
         + (select count(*) from invitations where tenant_id = t.id and accepted_at is null and expired_at is null)::int as users,
       (select count(*) from projects where tenant_id = t.id)::int as projects,
       coalesce((select bytes from storage_usage where tenant_id = t.id)::numeric,
         (select sum(bytes) from project_files where tenant_id = t.id), 0) as bytes
     from tenants t where id = ?`,
    [tenant.id],
  );
  if (!row) throw new Error(`tenant ${tenant.id} is there in its own scope`);
  return { users: row.users, projects: row.projects, storageBytes: Number(row.bytes) };
}

/** The same with its API calls, and when the last of them is forgotten. */
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
