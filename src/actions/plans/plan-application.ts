import { currentVersion, type Plan } from '../../domain/plans/catalogue.ts';
import { clearDeadline } from '../../db/deadlines.ts';
import { ScheduledPlanChange } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { promiseAlignment } from '../billing/billing-wish.ts';
import { tickStep } from '../lifecycle/onboarding.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { liftEnded } from '../suspension/lifting.ts';
import { requireFit } from './plan-fit.ts';
import { writePlan } from './plan-history.ts';

/** Changes the plan now, where the tenant fits; a change that was scheduled is settled with it. */
export async function applyPlan(
  scope: TenantScope,
  { plan, note }: { plan: Plan; note: string | null },
): Promise<void> {
  const { tenant } = scope;
  await requireFit(scope, { plan, planVersion: currentVersion, planOverrides: tenant.planOverrides ?? null });
  await putOnPlan(scope, { plan, note });
  await promiseAlignment(scope);
}

/**
 * Changes the plan now, whether or not the tenant fits: what is over stays, and nothing more is let in. For who cannot
 * be refused.
 */
export async function putOnPlan(
  scope: TenantScope,
  { plan, note }: { plan: Plan; note: string | null },
): Promise<void> {
  const { em, tenant } = scope;
  const changeId = await writePlan(scope, tenant, plan, note);
  await em.nativeDelete(ScheduledPlanChange, { tenantId: tenant.id });
  await clearDeadline(scope, 'plan_change');
  await tickStep(scope, 'plan_set');
  await liftEnded(
    { ...scope, actor: { kind: 'system' } },
    { trigger: 'trial_expired' },
    `the plan is ${plan} now`,
  );
  await resetInactivity(scope);
  await em.flush();
  await tellAdmins(scope, { mail: 'plan_changed' }, changeId);
}
