import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { TenantActivity } from '../../db/entities/customer.ts';
import { PlanPolicy } from '../../db/entities/operations.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { raiseSuspension } from './suspension.ts';

/** Days before the suspension at which the admins are warned. */
const notices = { inactivity_notice_14: 14, inactivity_notice_3: 3 } as const;
const kinds = ['inactivity_notice_14', 'inactivity_notice_3', 'inactivity_suspension'] as const;
export type InactivityNotice = keyof typeof notices;

/** Sets when a tenant that nobody uses is warned and suspended, counted from its last use; or nothing of the kind. */
export async function resetInactivity(scope: TenantScope): Promise<void> {
  const { tenant } = scope;
  for (const kind of kinds) await clearDeadline(scope, kind);
  const expected = await expectInactivity(scope);
  if (expected === null || (tenant.status !== 'active' && tenant.status !== 'trial')) return;
  const { suspendsAt } = expected;
  await setDeadline(scope, 'inactivity_suspension', later(suspendsAt, scope.tenantNow));
  for (const kind of ['inactivity_notice_14', 'inactivity_notice_3'] as const) {
    const noticeAt = daysAfter(suspendsAt, -notices[kind]);
    if (noticeAt > scope.tenantNow) await setDeadline(scope, kind, noticeAt);
  }
}

/** Notes that somebody of the tenant signed in or called. */
export async function noteActivity({ em, tenant, tenantNow }: TenantScope): Promise<void> {
  await em.execute(
    `insert into tenant_activity (tenant_id, last_active_at) values (?, ?)
     on conflict (tenant_id) do update set last_active_at = greatest(tenant_activity.last_active_at, excluded.last_active_at)`,
    [tenant.id, tenantNow],
  );
}

/** Warns the admins, unless the tenant was used since the deadline was set: then it moves. */
export async function noticeInactivity(scope: TenantScope, kind: InactivityNotice): Promise<void> {
  const daysLeft = notices[kind];
  if (!(await isIdle(scope, daysLeft))) return resetInactivity(scope);
  const since = (await lastActive(scope)).toISOString();
  await record(scope, 'tenant.inactivity_notice_sent', { details: { daysLeft, since } });
  await tellAdmins(scope, { mail: 'inactivity_notice', daysLeft }, `${since} ${daysLeft}`);
}

/** Suspends a tenant that nobody used for as long as its plan allows, read-only. */
export async function suspendInactive(scope: TenantScope): Promise<void> {
  if (!(await isIdle(scope, 0))) return resetInactivity(scope);
  const note = 'nobody has signed in or called for as long as the plan allows';
  await raiseSuspension(scope, { trigger: 'inactivity', mode: 'read_only', note, notify: true });
}

/** Whether the tenant will have been idle for long enough in some days, if nobody uses it. */
async function isIdle(scope: TenantScope, daysLeft: number): Promise<boolean> {
  const { status } = scope.tenant;
  const expected = await expectInactivity(scope);
  if (expected === null || (status !== 'active' && status !== 'trial')) return false;
  return daysAfter(expected.suspendsAt, -daysLeft) <= scope.tenantNow;
}

/** Since when nobody uses the tenant, and when it would be suspended for that; `null` where that never happens. */
export async function expectInactivity(
  scope: TenantScope,
): Promise<{ since: Date; suspendsAt: Date } | null> {
  const days = await inactivityDays(scope);
  if (days === null) return null;
  const since = await lastActive(scope);
  return { since, suspendsAt: daysAfter(since, days) };
}

async function inactivityDays({ em, tenant }: TenantScope): Promise<number | null> {
  const policy = await em.findOne(PlanPolicy, { plan: tenant.plan });
  return policy?.inactivityDays ?? null;
}

async function lastActive({ em, tenant }: TenantScope): Promise<Date> {
  const found = await em.findOne(TenantActivity, { tenantId: tenant.id }, { refresh: true });
  return found?.lastActiveAt ?? tenant.wentLiveAt ?? tenant.createdAt;
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
