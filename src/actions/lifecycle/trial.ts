import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { termsOf } from '../../domain/plans/catalogue.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { announce } from './announcement.ts';

/** Days before the end: two mails, and the event for endpoints. */
const notices = { trial_notice_7: 7, trial_will_end: 3, trial_notice_1: 1 } as const;
const noticeKinds = ['trial_notice_7', 'trial_will_end', 'trial_notice_1'] as const;

/** Begins a trial of the tenant's plan: its end, and a notice 7 days and 1 day before. */
export async function startTrial(scope: TenantScope): Promise<void> {
  const { tenant, tenantNow } = scope;
  const days = termsOf(tenant.plan, tenant.planVersion).trialDays;
  if (days === null) throw new Error(`the ${tenant.plan} plan has no trial`);
  await setTrialEnd(scope, tenant, daysAfter(tenantNow, days));
}

/** Stops a trial's clock while its tenant is suspended. */
export async function pauseTrial(scope: TenantScope): Promise<void> {
  for (const kind of ['trial_end', ...noticeKinds] as const) await clearDeadline(scope, kind);
}

/** Lets a trial go on for as long as was left when it was paused at `since`. */
export async function resumeTrial(scope: TenantScope, tenant: Tenant, since: Date): Promise<void> {
  const left = (tenant.trialEndsAt ?? since).getTime() - since.getTime();
  await setTrialEnd(scope, tenant, new Date(scope.tenantNow.getTime() + left));
}

/** Tells the admins that the trial ends soon. */
export async function noticeTrial(
  scope: TenantScope,
  kind: 'trial_notice_7' | 'trial_notice_1',
): Promise<void> {
  if (scope.tenant.status !== 'trial') return;
  const daysLeft = notices[kind];
  await record(scope, 'tenant.trial_notice_sent', { details: { daysLeft } });
  const endsAt = scope.tenant.trialEndsAt?.toISOString() ?? '';
  await tellAdmins(scope, { mail: 'trial_notice', daysLeft }, `${endsAt} ${daysLeft}`);
}

/** Tells endpoints that the trial ends soon. */
export async function announceTrialEnd(scope: TenantScope): Promise<void> {
  const tenant = await lockTenant(scope);
  if (tenant.status !== 'trial' || !tenant.trialEndsAt) return;
  await announce(scope, 'trial_will_end', {
    details: { plan: tenant.plan, endsAt: tenant.trialEndsAt.toISOString() },
  });
}

/** Sets a trial's end, and what is told before it. What is due already is told no more. */
export async function setTrialEnd(scope: TenantScope, tenant: Tenant, endsAt: Date): Promise<void> {
  tenant.trialEndsAt = endsAt;
  await scope.em.flush();
  await setDeadline(scope, 'trial_end', endsAt);
  for (const kind of noticeKinds) {
    const noticeAt = daysAfter(endsAt, -notices[kind]);
    if (noticeAt > scope.tenantNow) await setDeadline(scope, kind, noticeAt);
  }
}
