import { z } from 'zod';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { retentionDaysOf } from '../../domain/lifecycle/offboarding.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { plans, termsOf } from '../../domain/plans/catalogue.ts';
import { Refusal } from '../../domain/refusal.ts';
import { PlanPolicy } from '../../db/entities/operations.ts';
import type { TenantScope } from '../../db/scope.ts';
import { exceededLimits, readUsageWithCalls } from '../plans/usage.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { tickStep } from './onboarding.ts';
import { writePlan } from './plan-history.ts';
import { liftEnded } from '../suspension/lifting.ts';
import { decide } from './transition.ts';

export const changePlanInput = z.object({
  plan: z.enum(plans),
  when: z.literal('now').optional(),
  note: line(2000).optional(),
});

/** The plan a tenant is on, and what it entitles it to. */
export async function getCurrentPlan(scope: TenantScope) {
  const { em, actor, tenant } = scope;
  authorize(actor, tenant, 'plan.read');
  const usage = await readUsageWithCalls(scope);
  const policy = await em.findOne(PlanPolicy, { plan: tenant.plan });
  const retentionDays = retentionDaysOf(
    tenant.settings.retentionDays,
    policy?.retentionDays ?? null,
    tenant.plan,
  );
  const { slaPercent } = termsOf(tenant.plan, tenant.planVersion);
  return {
    tenantId: tenant.id,
    plan: tenant.plan,
    planVersion: tenant.planVersion,
    ...entitlements(tenant),
    usage,
    over: exceededLimits(tenant, usage),
    overLimitUntil: tenant.overLimitUntil?.toISOString() ?? null,
    slaPercent,
    retentionDays,
  };
}

/** Puts a tenant on another plan, at once. Connections of a feature that is lost stay, and are refused. */
export async function changePlan(scope: TenantScope, input: z.infer<typeof changePlanInput>) {
  authorize(scope.actor, scope.tenant, 'plan.change');
  const { tenant } = await decide(scope, 'change_plan');
  if (tenant.plan === input.plan) {
    throw new Refusal('CONFLICT', `this tenant is on the ${input.plan} plan already`);
  }
  await writePlan(scope, tenant, input.plan, input.note ?? null);
  await tickStep(scope, 'plan_set');
  await liftEnded(
    { ...scope, actor: { kind: 'system' } },
    { trigger: 'trial_expired' },
    `the plan is ${input.plan} now`,
  );
  await resetInactivity(scope);
  await scope.em.flush();
  return getCurrentPlan({ ...scope, tenant });
}
