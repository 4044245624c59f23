import type { Plan } from '../../domain/plans/catalogue.ts';
import type { NoticeContent } from '../../domain/texts/mails.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findAccount } from '../billing/billing-account.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { hashOfTrial, noteTrial } from '../plans/used-trials.ts';
import { findMisfits } from '../suspension/expired-trial.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { raiseSuspension } from '../suspension/suspension.ts';
import { announce } from './announcement.ts';
import { writePlan } from '../plans/plan-history.ts';
import { decide } from './transition.ts';
import { pauseTrial } from './trial.ts';

/**
 * Ends a trial: the tenant goes on with the plan that is paid for, else with the one it had before, else with the free
 * one. Where it uses more than that allows it can only be read, until it fits or has a larger plan.
 */
export async function endTrial(scope: TenantScope): Promise<void> {
  await endTrialTelling(scope, { mail: 'trial_ended' });
}

/**
 * Notes that an owner's address is proven, in a tenant that has or had a trial: with it the trial of its company is
 * used up. One that began itself ends now, where another tenant of that company had one.
 */
export async function proveTrial(scope: TenantScope, email: string): Promise<void> {
  const { tenant } = scope;
  if (!tenant.trialEndsAt) return;
  const isFirst = await noteTrial(scope, email);
  // Operators have given it, or another of its owners has proven it.
  if (tenant.trialKeyHash) return;
  if (isFirst) tenant.trialKeyHash = hashOfTrial(scope, email);
  else if (tenant.status === 'trial') await endTrialTelling(scope, { mail: 'trial_used' });
  else if (tenant.statusBefore === 'trial') await leaveNothingOf(scope, tenant);
}

async function endTrialTelling(scope: TenantScope, notice: NoticeContent): Promise<void> {
  if (scope.tenant.status !== 'trial') return;
  const { tenant, status } = await decide(scope, 'end_trial');
  const { plan, isPaid } = await planAfter(scope, tenant);
  Object.assign(tenant, { status, planBeforeTrial: null });
  if (plan !== tenant.plan) await writePlan(scope, tenant, plan, 'the trial has ended');
  await scope.em.flush();
  await pauseTrial(scope);
  await resetInactivity(scope);
  await announce(scope, 'trial_ended', { details: { plan, used: notice.mail === 'trial_used' } });
  if (!isPaid) await tellAdmins(scope, notice, tenant.trialEndsAt?.toISOString() ?? '');
  await suspendWhereItDoesNotFit(scope);
}

async function planAfter(scope: TenantScope, tenant: Tenant): Promise<{ plan: Plan; isPaid: boolean }> {
  const before = tenant.planBeforeTrial ?? 'free';
  const account = await findAccount(scope);
  if (account?.provider === 'stripe' && account.plan) return { plan: account.plan, isPaid: true };
  const isPaid = Boolean(account?.paidUntil && account.paidUntil > scope.tenantNow);
  if (isPaid && !tenant.planBeforeTrial) return { plan: tenant.plan, isPaid };
  return { plan: before, isPaid };
}

async function suspendWhereItDoesNotFit(scope: TenantScope): Promise<void> {
  const misfits = await findMisfits(scope);
  if (misfits.length === 0) return;
  const note = `the trial has ended, and more is used than the ${scope.tenant.plan} plan allows (${misfits.join(', ')})`;
  const system = { ...scope, actor: { kind: 'system' } } as const;
  await raiseSuspension(system, { trigger: 'trial_expired', mode: 'read_only', note, notify: true });
}

/** A trial that stands still has nothing left when its tenant goes on. */
async function leaveNothingOf(scope: TenantScope, tenant: Tenant): Promise<void> {
  tenant.trialEndsAt = tenant.suspendedAt;
  await scope.em.flush();
  await tellAdmins(scope, { mail: 'trial_used' }, tenant.trialEndsAt?.toISOString() ?? '');
}
