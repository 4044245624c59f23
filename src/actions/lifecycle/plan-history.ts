import { actorId } from '../../domain/actors.ts';
import { currentVersion, type Plan } from '../../domain/plans/catalogue.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { PlanChange } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockAgainstWriters } from '../locks.ts';
import { writeLimits } from '../plans/effective-limits.ts';
import { announce } from './announcement.ts';

/** Writes a change of plan, in the version that is sold now, with its history and limits; the rules are the caller's. */
export async function writePlan(
  scope: TenantScope,
  tenant: Tenant,
  to: Plan,
  note: string | null,
): Promise<void> {
  await lockAgainstWriters(scope);
  const { plan: from, planVersion: fromVersion } = tenant;
  Object.assign(tenant, { plan: to, planVersion: currentVersion });
  scope.em.create(PlanChange, {
    tenantId: tenant.id,
    id: newId(),
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
}
