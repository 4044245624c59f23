import { actorId } from '../../domain/actors.ts';
import { currentVersion, type Plan } from '../../domain/plans/catalogue.ts';
import { nextPeriodEnd } from '../../domain/plans/periods.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { BillingAccount } from '../../db/entities/billing.ts';
import { ScheduledPlanChange } from '../../db/entities/plans.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { promiseAlignment } from '../billing/billing-wish.ts';
import { getCurrentPlan } from './current-plan.ts';
import { requireFit } from './plan-fit.ts';
import type { Outcome } from './plan-outcome.ts';

type Change = { plan: Plan; note: string | null };

/** Sets a change for the end of the tenant's period; one that was set before is replaced. */
export async function scheduleChange(scope: TenantScope, { plan, note }: Change): Promise<Outcome> {
  const { em, tenant, actor, now } = scope;
  const planOverrides = tenant.planOverrides ?? null;
  await requireFit(scope, { plan, planVersion: currentVersion, planOverrides });
  const dueAt = await periodEnd(scope, tenant);
  await em.upsert(ScheduledPlanChange, {
    tenantId: tenant.id,
    plan,
    interval: null,
    dueAt,
    requestedAt: now,
    byKind: actor.kind,
    byId: actorId(actor),
    note,
  });
  await record(scope, 'plan_change.scheduled', {
    target: { kind: 'tenant', id: tenant.id },
    details: { from: tenant.plan, to: plan, at: dueAt.toISOString(), note },
  });
  await em.flush();
  await setDeadline(scope, 'plan_change', dueAt);
  await promiseAlignment(scope);
  await tellAdmins(scope, { mail: 'plan_change_scheduled' }, `${plan} ${dueAt.toISOString()}`);
  return { outcome: 'scheduled', wanted: plan, effectiveAt: dueAt.toISOString() };
}

/** Takes a scheduled change back; `NOT_FOUND` where there is none. */
export async function cancelScheduled(scope: TenantScope) {
  const { em, tenant } = scope;
  authorize(scope.actor, tenant, 'plan.change');
  await lockTenant(scope);
  const scheduled = await em.findOne(ScheduledPlanChange, { tenantId: tenant.id });
  if (!scheduled) throw new Refusal('NOT_FOUND', 'no change of plan is scheduled');
  em.remove(scheduled);
  await clearDeadline(scope, 'plan_change');
  await promiseAlignment(scope, { takenBack: true });
  await record(scope, 'plan_change.cancelled', {
    target: { kind: 'tenant', id: tenant.id },
    details: { to: scheduled.plan },
  });
  await em.flush();
  return getCurrentPlan(scope);
}

/** When the period ends that is paid for; a tenant that pays nothing has months from the day it was made. */
async function periodEnd({ em, tenantNow }: TenantScope, tenant: Tenant): Promise<Date> {
  const account = await em.findOne(BillingAccount, { tenantId: tenant.id });
  const known = [account?.periodEnd, account?.paidUntil, tenant.trialEndsAt];
  const next = known.find((moment) => moment && moment > tenantNow);
  if (next) return next;
  const { timeZone } = tenant.settings;
  return nextPeriodEnd({ at: tenant.createdAt, interval: 'month', timeZone }, tenantNow);
}
