import { actorId } from '../../domain/actors.ts';
import { changeSettings, type TenantSettings } from '../../domain/lifecycle/settings.ts';
import { currentVersion, features, type Plan, termsOf } from '../../domain/plans/catalogue.ts';
import { entitlements, type Entitled } from '../../domain/plans/entitlements.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { PlanChange } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { lockAgainstWriters } from '../locks.ts';
import { writeLimits } from './effective-limits.ts';
import { tellOfLostFeatures } from '../connections/lost-features.ts';

/**
 * Writes a change of plan, in the version that is sold now, with its history, the settings that the plan declares and
 * the limits that the database holds; the rules are the caller's. Tells the change's id.
 */
export async function writePlan(
  scope: TenantScope,
  tenant: Tenant,
  to: Plan,
  note: string | null,
): Promise<string> {
  await lockAgainstWriters(scope);
  const { plan: from, planVersion: fromVersion } = tenant;
  const before = entitlements(tenant);
  Object.assign(tenant, {
    plan: to,
    planVersion: currentVersion,
    settings: settingsAfter(tenant, { plan: to, planVersion: currentVersion }),
  });
  const id = newId();
  scope.em.create(PlanChange, {
    tenantId: tenant.id,
    id,
    fromPlan: from,
    toPlan: to,
    fromVersion,
    toVersion: currentVersion,
    at: scope.now,
    byKind: scope.actor.kind,
    byId: actorId(scope.actor),
    note,
  });
  await writeLimits(scope, tenant);
  await announce(scope, 'plan_changed', {
    target: { kind: 'tenant', id: tenant.id },
    details: { from, to, note },
    note,
  });
  const after = entitlements(tenant);
  const lost = features.filter((feature) => before.features[feature] && !after.features[feature]);
  if (lost.length > 0) await tellOfLostFeatures(scope, lost);
  return id;
}

/** The settings with those that the new plan declares, but for those that the tenant has chosen itself. */
export function settingsAfter(tenant: Tenant, to: Entitled): TenantSettings {
  const declaredBefore = termsOf(tenant.plan, tenant.planVersion).settings;
  const { sessionDays } = termsOf(to.plan, to.planVersion).settings;
  const isOwn = tenant.settings.sessionDays !== declaredBefore.sessionDays;
  return isOwn ? tenant.settings : changeSettings(tenant.settings, { sessionDays });
}
