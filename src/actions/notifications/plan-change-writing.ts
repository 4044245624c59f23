import { currentVersion } from '../../domain/plans/catalogue.ts';
import type { MailContent } from '../../domain/texts/mail-layout.ts';
import { mailContents, type Notice } from '../../domain/texts/mails.ts';
import { type Place, writeMoment } from '../../domain/texts/moments.ts';
import type { TenantFacts } from '../../domain/texts/tenant-mails.ts';
import { PlanRequest, ScheduledPlanChange } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findMisfits } from '../plans/plan-fit.ts';

type PlanNotice = Extract<
  Notice,
  {
    mail:
      | 'plan_changed'
      | 'plan_change_scheduled'
      | 'plan_change_blocked'
      | 'plan_request_decided'
      | 'overrides_ended';
  }
>;

/** Writes what admins are told of their plan; `null` where it is not so any more. */
export async function writePlanMail(
  scope: TenantScope,
  notice: PlanNotice,
  told: TenantFacts & { place: Place },
): Promise<MailContent | null> {
  const { em, tenant } = scope;
  const facts = { ...told, plan: tenant.plan };
  if (notice.mail === 'plan_changed') return mailContents.plan_changed(facts);
  if (notice.mail === 'overrides_ended') return mailContents.overrides_ended(facts);
  if (notice.mail === 'plan_request_decided') {
    const request = await em.findOne(PlanRequest, { tenantId: tenant.id, id: notice.requestId });
    if (!request?.decidedAt) return null;
    const granted = request.state === 'approved';
    return mailContents.plan_request_decided({
      ...told,
      to: request.plan,
      granted,
      note: request.decisionNote ?? '',
    });
  }
  const scheduled = await em.findOne(ScheduledPlanChange, { tenantId: tenant.id });
  if (!scheduled) return null;
  const change = { ...facts, to: scheduled.plan, on: writeMoment(scheduled.dueAt, told.place) };
  if (notice.mail === 'plan_change_scheduled') return mailContents.plan_change_scheduled(change);
  const planOverrides = tenant.planOverrides ?? null;
  const target = { plan: scheduled.plan, planVersion: currentVersion, planOverrides };
  const { blocking } = await findMisfits(scope, target);
  const over = blocking.map(({ limit, allowed, used }): [string, string] => [limit, `${used} of ${allowed}`]);
  return over.length > 0 ? mailContents.plan_change_blocked({ ...change, over }) : null;
}
