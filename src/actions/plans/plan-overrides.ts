import { z } from 'zod';
import { features, termsOf } from '../../domain/plans/catalogue.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { type PlanOverrides, planOverrides } from '../../domain/plans/overrides.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tickStep } from '../lifecycle/onboarding.ts';
import { lockAgainstWriters } from '../locks.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { getCurrentPlan } from './current-plan.ts';
import { writeLimits } from './effective-limits.ts';
import { tellOfLostFeatures } from '../connections/lost-features.ts';
import { requireFit } from './plan-fit.ts';

/** The whole of what is agreed beside the plan: with neither limits, features nor overage nothing is. */
export const setOverridesInput = z.object({
  limits: planOverrides.shape.limits.unwrap().optional(),
  features: planOverrides.shape.features.unwrap().optional(),
  overage: planOverrides.shape.overage.unwrap().optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  note: line(2000),
});

/** Agrees limits and features with one tenant, on any plan, until a date or until they are taken back. */
export async function setOverrides(scope: TenantScope, input: z.infer<typeof setOverridesInput>) {
  authorize(scope.actor, scope.tenant, 'plan.override');
  const { tenantNow } = scope;
  const expiresAt = input.expiresAt ? new Date(input.expiresAt) : null;
  if (expiresAt && expiresAt <= tenantNow)
    throw new Refusal('INVALID_INPUT', 'expiresAt: is not in the future');
  const tenant = await lockAgainstWriters(scope);
  authorize(scope.actor, tenant, 'plan.override');
  if (input.overage && tenant.plan !== 'enterprise') {
    throw new Refusal('INVALID_INPUT', 'overage: is for enterprise tenants');
  }
  const { limits = {}, features: agreed = {}, overage = null, note } = input;
  const isNone = Object.keys({ ...limits, ...agreed }).length === 0 && !overage;
  const overrides = { limits, features: agreed, overage, expiresAt: expiresAt?.toISOString() ?? null, note };
  await requireFit(scope, { ...entitledOf(tenant), planOverrides: isNone ? null : overrides });
  await writeOverrides(scope, tenant, isNone ? null : overrides);
  await record(scope, 'plan_overrides.set', {
    target: { kind: 'tenant', id: tenant.id },
    details: { ...overrides },
  });
  if (isConfirmed(tenant)) await tickStep(scope, 'rate_limits_adjusted');
  await scope.em.flush();
  await clearDeadline(scope, 'overrides_end');
  if (expiresAt && !isNone) await setDeadline(scope, 'overrides_end', expiresAt);
  return getCurrentPlan({ ...scope, tenant });
}

/** What was agreed has come to its end: the plan alone counts again. Nothing is deleted. */
export async function endOverrides(scope: TenantScope): Promise<void> {
  const tenant = await lockAgainstWriters(scope);
  const { planOverrides: ended } = tenant;
  if (!ended?.expiresAt || new Date(ended.expiresAt) > scope.tenantNow) return;
  await writeOverrides(scope, tenant, null);
  await record(scope, 'plan_overrides.ended', {
    target: { kind: 'tenant', id: tenant.id },
    details: { ...ended },
  });
  await tellAdmins(scope, { mail: 'overrides_ended' }, ended.expiresAt);
}

async function writeOverrides(scope: TenantScope, tenant: Tenant, next: PlanOverrides | null): Promise<void> {
  const before = entitlements(tenant);
  tenant.planOverrides = next;
  await writeLimits(scope, tenant);
  const after = entitlements(tenant);
  const lost = features.filter((feature) => before.features[feature] && !after.features[feature]);
  if (lost.length > 0) await tellOfLostFeatures(scope, lost);
}

/** Whether every limit that is agreed with each customer has been. */
function isConfirmed({ plan, planVersion, planOverrides: agreed }: Tenant): boolean {
  const { custom } = termsOf(plan, planVersion);
  return custom.length > 0 && custom.every((limit) => agreed?.limits[limit] !== undefined);
}

function entitledOf({ plan, planVersion }: Tenant) {
  return { plan, planVersion };
}
