import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { currentVersion, isUpgrade } from '../../domain/plans/catalogue.ts';
import { record } from '../../db/audit.ts';
import { setDeadline } from '../../db/deadlines.ts';
import { Task } from '../../db/entities/operations.ts';
import { ScheduledPlanChange } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { decide } from '../lifecycle/transition.ts';
import { lockAgainstWriters } from '../locks.ts';
import { openTask } from '../suspension/tasks.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { applyPlan } from './plan-application.ts';
import { findMisfits } from './plan-fit.ts';

/** For so many days a change whose moment has come is tried again, once a day, while the tenant does not fit. */
const retryDays = 7;

/** Does the change of plan whose moment has come. Where the tenant does not fit any more, its admins are told what is over, and operators have a task. */
export async function runScheduledChange(scope: TenantScope): Promise<void> {
  await lockAgainstWriters(scope);
  const { em, tenantNow } = scope;
  const scheduled = await em.findOne(ScheduledPlanChange, { tenantId: scope.tenant.id });
  if (!scheduled || scope.tenant.status === 'offboarded') return;
  const { plan, note, dueAt } = scheduled;
  if (isOvertaken(scope, scheduled)) return drop(scope, scheduled);
  const { tenant } = await decide(scope, 'change_plan');
  const planOverrides = tenant.planOverrides ?? null;
  const { blocking } = await findMisfits(scope, { plan, planVersion: currentVersion, planOverrides });
  if (blocking.length === 0) {
    await applyPlan({ ...scope, tenant }, { plan, note: note ?? 'as it was scheduled' });
    return;
  }
  const over = blocking.map(({ limit }) => limit);
  await record(scope, 'plan_change.blocked', {
    target: { kind: 'tenant', id: tenant.id },
    details: { to: plan, over },
  });
  await tellAdmins(scope, { mail: 'plan_change_blocked' }, `${plan} ${dueAt.toISOString()}`);
  await openTaskOnce(scope);
  const again = daysAfter(tenantNow, 1);
  if (again <= daysAfter(dueAt, retryDays)) await setDeadline(scope, 'plan_change', again);
  else await drop(scope, scheduled);
}

/** It is there already; or what an owner set as a smaller plan has become a larger one, which has to be paid for. */
function isOvertaken({ tenant }: TenantScope, { plan, byKind }: ScheduledPlanChange): boolean {
  return tenant.plan === plan || (byKind === 'user' && isUpgrade(tenant.plan, plan));
}

async function drop(scope: TenantScope, scheduled: ScheduledPlanChange): Promise<void> {
  scope.em.remove(scheduled);
  await record(scope, 'plan_change.cancelled', {
    target: { kind: 'tenant', id: scope.tenant.id },
    details: { to: scheduled.plan },
  });
  await scope.em.flush();
}

async function openTaskOnce(scope: TenantScope): Promise<void> {
  const { em, tenant } = scope;
  const open = await em.count(Task, { tenantId: tenant.id, kind: 'plan_review', doneAt: null });
  if (open === 0) await openTask(scope, 'plan_review', { priority: 'P2', subjectId: tenant.id });
}
