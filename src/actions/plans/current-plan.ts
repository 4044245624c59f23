import { retentionDaysOf } from '../../domain/lifecycle/offboarding.ts';
import { termsOf } from '../../domain/plans/catalogue.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { authorize } from '../../domain/permissions.ts';
import { PlanPolicy } from '../../db/entities/operations.ts';
import { PlanRequest, ScheduledPlanChange } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { readServiceLevel } from './service-level.ts';
import { exceededLimits, readUsageWithCalls } from './usage.ts';

/** The plan a tenant is on, what it entitles it to, how much of it is used, and what is to come. */
export async function getCurrentPlan(scope: TenantScope) {
  const { em, actor, tenant } = scope;
  authorize(actor, tenant, 'plan.read');
  const usage = await readUsageWithCalls(scope);
  const policy = await em.findOne(PlanPolicy, { plan: tenant.plan });
  const scheduled = await em.findOne(ScheduledPlanChange, { tenantId: tenant.id });
  const request = await em.findOne(PlanRequest, { tenantId: tenant.id, state: 'open' });
  const { planOverrides } = tenant;
  return {
    tenantId: tenant.id,
    ...(await describeTerms(scope)),
    usage,
    over: exceededLimits(tenant, usage),
    overLimitUntil: tenant.overLimitUntil?.toISOString() ?? null,
    overrides: planOverrides
      ? { ...planOverrides, note: actor.kind === 'operator' ? planOverrides.note : null }
      : null,
    scheduled: scheduled && { plan: scheduled.plan, at: scheduled.dueAt.toISOString() },
    request: request && {
      id: request.id,
      plan: request.plan,
      requestedAt: request.requestedAt.toISOString(),
    },
    sla: await readServiceLevel(scope),
    slaPercent: termsOf(tenant.plan, tenant.planVersion).slaPercent,
    retentionDays: retentionDaysOf(tenant.settings.retentionDays, policy?.retentionDays ?? null, tenant.plan),
  };
}

/** What a tenant is entitled to, as it is written. */
export async function describeTerms({ em, tenant }: TenantScope) {
  await em.flush();
  const { plan, planVersion, settings } = tenant;
  return { plan, planVersion, ...entitlements(tenant), settings: { sessionDays: settings.sessionDays } };
}
