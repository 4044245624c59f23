import { z } from 'zod';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { isUpgrade, plans, termsOf } from '../../domain/plans/catalogue.ts';
import { Refusal } from '../../domain/refusal.ts';
import { User } from '../../db/entities/user.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';
import { findAccount } from '../billing/billing-account.ts';
import { describeTenant } from '../descriptions.ts';
import { announce } from '../lifecycle/announcement.ts';
import { writePlan } from './plan-history.ts';
import { decide } from '../lifecycle/transition.ts';
import { pauseTrial, setTrialEnd } from '../lifecycle/trial.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { hashOfTrial, noteTrial, refuseSecondTrial } from './used-trials.ts';

/** The length of a trial of a plan that is not tried by oneself. */
const givenDays = 14;

const days = z.int().min(1).max(365);

export const startTrialInput = z.object({
  plan: z.enum(plans),
  /** As long as the plan's own trial where it is not said. */
  days: days.optional(),
  note: line(2000),
  /** Also where this tenant or its company has had a trial. */
  again: z.boolean().default(false),
});

export const extendTrialInput = z.object({ days, note: line(2000) });

/**
 * Gives an active tenant a trial of a larger plan; operators alone may, also of enterprise. When it ends the tenant
 * returns to the plan it has now. `CONFLICT` for a second one, unless it is wanted `again`.
 */
export async function giveTrial(scope: TenantScope, input: z.infer<typeof startTrialInput>) {
  authorize(scope.actor, scope.tenant, 'trial.give');
  const { plan, note } = input;
  const { tenant, status } = await decide(scope, 'start_trial');
  if (!isUpgrade(tenant.plan, plan)) {
    throw new Refusal('CONFLICT', `a trial is of a larger plan than ${tenant.plan}`);
  }
  if ((await findAccount(scope))?.subscriptionId) {
    throw new Refusal('CONFLICT', 'a subscription pays for this tenant: change that instead');
  }
  const owners = await findProvenOwners(scope);
  if (!input.again) await refuseSecond(scope, owners);
  const length = input.days ?? termsOf(plan).trialDays ?? givenDays;
  const endsAt = daysAfter(scope.tenantNow, length);
  const [first] = owners;
  const trialKeyHash = first ? hashOfTrial(scope, first) : hashOfTrial(scope, tenant.id);
  Object.assign(tenant, { status, trialEndsAt: endsAt, planBeforeTrial: tenant.plan, trialKeyHash });
  await writePlan(scope, tenant, plan, note);
  await setTrialEnd(scope, tenant, endsAt);
  await resetInactivity(scope);
  for (const email of owners) await noteTrial(scope, email);
  const details = { plan, days: length, endsAt: endsAt.toISOString(), again: input.again };
  await announce(scope, 'trial_started', { details, note });
  await tellAdmins(scope, { mail: 'trial_started' }, endsAt.toISOString());
  return describeTenant(tenant);
}

/** Lets a trial last some days longer, also one that stands still while its tenant is suspended. */
export async function extendTrial(scope: TenantScope, input: z.infer<typeof extendTrialInput>) {
  authorize(scope.actor, scope.tenant, 'trial.give');
  const { tenant } = await decide(scope, 'extend_trial');
  const before = tenant.trialEndsAt ?? scope.tenantNow;
  const endsAt = daysAfter(before, input.days);
  if (tenant.status === 'trial') {
    await pauseTrial(scope);
    await setTrialEnd(scope, tenant, endsAt);
  } else {
    tenant.trialEndsAt = endsAt;
    await scope.em.flush();
  }
  const details = { days: input.days, from: before.toISOString(), endsAt: endsAt.toISOString() };
  await announce(scope, 'trial_extended', { details, note: input.note });
  await tellAdmins(scope, { mail: 'trial_extended' }, endsAt.toISOString());
  return describeTenant(tenant);
}

async function findProvenOwners({ em, tenant }: TenantScope): Promise<string[]> {
  const proven = { active: true, removedAt: null, email: { $ne: null }, emailVerifiedAt: { $ne: null } };
  const owners = await em.find(
    User,
    { tenantId: tenant.id, role: 'owner', ...proven },
    { orderBy: { id: 'asc' } },
  );
  return owners.flatMap(({ email }) => email ?? []);
}

async function refuseSecond(scope: TenantScope, owners: readonly string[]): Promise<void> {
  if (scope.tenant.trialEndsAt) {
    throw new Refusal('CONFLICT', 'this tenant has had a trial already; `again: true` gives it another one', {
      field: 'again',
    });
  }
  await atControlPlane(scope, (control) => refuseSecondTrial(control, owners));
}
