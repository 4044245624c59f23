import { actorId } from '../../domain/actors.ts';
import type { Plan } from '../../domain/lifecycle/plans.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { PlanChange } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from './announcement.ts';

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
  await announce(scope, 'plan_changed', {
    target: { kind: 'tenant', id: tenant.id },
    details: { from, to, note },
    note,
  });
}
