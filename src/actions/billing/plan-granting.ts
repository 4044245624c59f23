import { isLiving } from '../../domain/lifecycle/status.ts';
import type { Plan } from '../../domain/plans/catalogue.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { decide } from '../lifecycle/transition.ts';
import { pauseTrial, setTrialEnd } from '../lifecycle/trial.ts';
import { putOnPlan } from '../plans/plan-application.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { findOpen, liftEnded } from '../suspension/lifting.ts';
import { raiseSuspension } from '../suspension/suspension.ts';

const why = 'the subscription says so';

/** Gives a tenant the plan that its subscription is for, whatever it is underneath. Tells whether it changed. */
export async function grantPlan(scope: TenantScope, tenant: Tenant, plan: Plan): Promise<boolean> {
  if (tenant.plan === plan) return false;
  await decide(scope, 'change_plan');
  await putOnPlan({ ...scope, tenant }, { plan, note: why });
  return true;
}

/** A trial that is paid for is one no more. Harmless where there is none. */
export async function endPaidTrial(scope: TenantScope, tenant: Tenant): Promise<boolean> {
  if (tenant.statusBefore === 'trial') {
    tenant.statusBefore = 'active';
    await scope.em.flush();
  }
  if (tenant.status !== 'trial') return false;
  const { status } = await decide(scope, 'end_trial');
  Object.assign(tenant, { status, planBeforeTrial: null });
  await scope.em.flush();
  await pauseTrial(scope);
  await resetInactivity(scope);
  await announce(scope, 'trial_ended');
  return true;
}

/** Lets a trial end when the provider ends it. One that stands still is left alone. */
export async function moveTrialEnd(scope: TenantScope, tenant: Tenant, endsAt: Date): Promise<boolean> {
  if (tenant.status !== 'trial' || tenant.trialEndsAt?.getTime() === endsAt.getTime()) return false;
  if (endsAt <= scope.tenantNow) return false;
  await pauseTrial(scope);
  await setTrialEnd(scope, tenant, endsAt);
  return true;
}

/** A subscription that is paused lets its tenant read, and no more. */
export async function pauseUnpaid(scope: TenantScope, tenant: Tenant): Promise<void> {
  const open = (await findOpen(scope)).filter(({ trigger }) => trigger === 'trial_expired');
  if (open.length > 0 || (!isLiving(tenant.status) && tenant.status !== 'suspended')) return;
  const cause = { trigger: 'trial_expired', mode: 'read_only', notify: true } as const;
  await raiseSuspension(scope, { ...cause, note: 'the subscription is paused: nothing pays for it yet' });
}

/** A subscription that was paused goes on, or is over: its tenant may write again. */
export async function resumeUnpaid(scope: TenantScope): Promise<void> {
  await liftEnded(scope, { trigger: 'trial_expired' }, why);
}
