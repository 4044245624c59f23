import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { entitlements } from '../../domain/lifecycle/entitlements.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { type Plan, plans, termsOf } from '../../domain/lifecycle/plans.ts';
import { Refusal } from '../../domain/refusal.ts';
import { nextStatus } from '../../domain/lifecycle/status.ts';
import { record } from '../../db/audit.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { PlanChange } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { tickStep } from './onboarding.ts';

export const changePlanInput = z.object({
  plan: z.enum(plans),
  when: z.literal('now').optional(),
  note: line(2000).optional(),
});

/** The plan a tenant is on, and what it entitles it to. */
export function getCurrentPlan({ actor, tenant }: TenantScope) {
  authorize(actor, tenant, 'plan.read');
  const { slaPercent, retentionDays } = termsOf(tenant.plan);
  return { tenantId: tenant.id, plan: tenant.plan, ...entitlements(tenant.plan), slaPercent, retentionDays };
}

/** Every plan with its terms. */
export function listPlans() {
  return plans.map((plan) => ({ plan, ...termsOf(plan) }));
}

/** Puts a tenant on another plan, at once. Connections of a feature that is lost stay, and are refused. */
export async function changePlan(scope: TenantScope, input: z.infer<typeof changePlanInput>) {
  authorize(scope.actor, scope.tenant, 'plan.change');
  const tenant = await lockTenant(scope);
  nextStatus(tenant, 'change_plan');
  if (tenant.plan === input.plan) {
    throw new Refusal('CONFLICT', `this tenant is on the ${input.plan} plan already`);
  }
  await writePlan(scope, tenant, input.plan, input.note ?? null);
  await tickStep(scope, 'plan_set');
  await scope.em.flush();
  return getCurrentPlan({ ...scope, tenant });
}

/** Writes a change of plan with its history; the rules are the caller's. */
export async function writePlan(
  scope: TenantScope,
  tenant: Tenant,
  to: Plan,
  note: string | null,
): Promise<void> {
  const from = tenant.plan;
  tenant.plan = to;
  scope.em.create(PlanChange, {
    tenantId: tenant.id,
    id: newId(),
    fromPlan: from,
    toPlan: to,
    at: scope.now,
    byKind: scope.actor.kind,
    byId: actorId(scope.actor),
    note,
  });
  await record(scope, 'tenant.plan_changed', {
    target: { kind: 'tenant', id: tenant.id },
    details: { from, to, note },
  });
}
