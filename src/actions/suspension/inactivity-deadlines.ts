import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { Deadline } from '../../db/entities/control.ts';
import { TenantActivity } from '../../db/entities/customer.ts';
import { PlanPolicy } from '../../db/entities/operations.ts';
import type { TenantScope } from '../../db/scope.ts';

/** Days before the suspension at which the admins are warned. */
export const inactivityNotices = { inactivity_notice_14: 14, inactivity_notice_3: 3 } as const;
export type InactivityNotice = keyof typeof inactivityNotices;

const noticeKinds = ['inactivity_notice_14', 'inactivity_notice_3'] as const;
export const inactivityKinds = [...noticeKinds, 'inactivity_suspension'] as const;
/** Of both: a tenant that becomes idle by a new policy is warned that long before. */
export const longestNotice = inactivityNotices.inactivity_notice_14;

/**
 * Sets when a tenant that nobody uses is warned and suspended, counted from its last use; or nothing of the kind.
 * One that has been idle for longer than its plan has allowed since a moment ago is warned all the same.
 */
export async function resetInactivity(scope: TenantScope): Promise<void> {
  const days = await inactivityDays(scope);
  if (days === null) return clearInactivity(scope);
  const atTheEarliest = daysAfter(scope.tenantNow, Math.min(days, longestNotice));
  await setInactivity(scope, later(daysAfter(await lastActive(scope), days), atTheEarliest));
}

/** The same, counted from now: while it was suspended nobody could use it as they would. */
export async function restartInactivity(scope: TenantScope): Promise<void> {
  const days = await inactivityDays(scope);
  if (days === null) return clearInactivity(scope);
  await setInactivity(scope, daysAfter(scope.tenantNow, days));
}

/** Whether the tenant will have been idle for long enough in some days, if nobody uses it. */
export async function isIdle(scope: TenantScope, daysLeft: number): Promise<boolean> {
  const days = await inactivityDays(scope);
  return days !== null && daysAfter(await lastActive(scope), days - daysLeft) <= scope.tenantNow;
}

/** Since when nobody uses the tenant, and when it would be suspended for that; `null` where that never happens. */
export async function expectInactivity(
  scope: TenantScope,
): Promise<{ since: Date; suspendsAt: Date } | null> {
  const where = { tenantId: scope.tenant.id, kind: 'inactivity_suspension' as const };
  const deadline = await scope.em.findOne(Deadline, where, { refresh: true });
  return deadline && { since: await lastActive(scope), suspendsAt: deadline.dueAt };
}

/** Since when nobody has used a tenant. */
export async function lastActive({ em, tenant }: TenantScope): Promise<Date> {
  const found = await em.findOne(TenantActivity, { tenantId: tenant.id }, { refresh: true });
  return found?.lastActiveAt ?? tenant.wentLiveAt ?? tenant.createdAt;
}

/** The days a tenant may be idle; `null` where that does not matter. */
async function inactivityDays({ em, tenant }: TenantScope): Promise<number | null> {
  if (tenant.status !== 'active' && tenant.status !== 'trial') return null;
  const policy = await em.findOne(PlanPolicy, { plan: tenant.plan }, { refresh: true });
  return policy?.inactivityDays ?? null;
}

async function setInactivity(scope: TenantScope, suspendsAt: Date): Promise<void> {
  await setDeadline(scope, 'inactivity_suspension', suspendsAt);
  for (const kind of noticeKinds) {
    const noticeAt = daysAfter(suspendsAt, -inactivityNotices[kind]);
    if (noticeAt >= scope.tenantNow) await setDeadline(scope, kind, noticeAt);
    else await clearDeadline(scope, kind);
  }
}

async function clearInactivity(scope: TenantScope): Promise<void> {
  for (const kind of inactivityKinds) await clearDeadline(scope, kind);
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
