import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import {
  effectiveDate,
  offboardingTerms,
  offboardingTriggers,
  requireMayOffboard,
} from '../../domain/lifecycle/offboarding.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { setDeadline } from '../../db/deadlines.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { promiseAlignment } from '../billing/billing-wish.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { requireApproval } from '../operations/approval-gate.ts';
import { announce } from '../lifecycle/announcement.ts';
import { describeOffboarding } from './offboarding-description.ts';
import { openTask } from '../suspension/tasks.ts';
import { decide } from '../lifecycle/transition.ts';

export const scheduleOffboardingInput = z.object({
  trigger: z.enum(offboardingTriggers),
  note: line(2000),
  /** Sooner than the reason's notice needs a second person's approval. */
  effectiveAt: z.iso.datetime({ offset: true }).optional(),
});

const notices = { offboarding_notice_7: 7, offboarding_notice_1: 1 } as const;
export type OffboardingNotice = keyof typeof notices;

/** Gives a tenant notice: it leaves when the grace of the reason is over. Access stays as it is until then. */
export async function scheduleOffboarding(
  scope: TenantScope,
  input: z.infer<typeof scheduleOffboardingInput>,
) {
  authorize(scope.actor, scope.tenant, 'offboarding.steer');
  requireMayOffboard(scope.actor, input.trigger);
  const { effectiveAt, soonerThanNotice } = effectiveDate(
    input.trigger,
    scope.tenantNow,
    input.effectiveAt ? new Date(input.effectiveAt) : undefined,
  );
  const standing = await decide(scope, 'schedule_offboarding');
  if (soonerThanNotice) requireApproval(scope, 'offboarding.schedule');
  const offboarding = scope.em.create(Offboarding, {
    tenantId: scope.tenant.id,
    id: newId(),
    trigger: input.trigger,
    phase: 'scheduled',
    note: input.note,
    requestedAt: scope.now,
    requestedByKind: scope.actor.kind,
    requestedById: actorId(scope.actor),
    effectiveAt,
  });
  await announce(scope, 'offboarding_scheduled', {
    target: { kind: 'offboarding', id: offboarding.id },
    details: { trigger: input.trigger, note: input.note, effectiveAt: effectiveAt.toISOString() },
    note: input.note,
  });
  await scope.em.flush();
  await setNoticeDeadlines(scope, offboarding);
  await promiseAlignment(scope);
  const { priority } = offboardingTerms(input.trigger);
  await openTask(scope, 'offboarding_review', { priority, subjectId: offboarding.id });
  await tellAdmins(scope, { mail: 'offboarding_scheduled', offboardingId: offboarding.id }, offboarding.id);
  return describeOffboarding(scope, { ...standing, offboarding });
}

/** Tells the admins that the tenant leaves soon. */
export async function noticeOffboarding(scope: TenantScope, kind: OffboardingNotice): Promise<void> {
  const daysLeft = notices[kind];
  const where = { tenantId: scope.tenant.id, phase: 'scheduled' as const };
  const offboarding = await scope.em.findOne(Offboarding, where);
  if (!offboarding) return;
  await record(scope, 'offboarding.notice_sent', {
    target: { kind: 'offboarding', id: offboarding.id },
    details: { daysLeft },
  });
  const notice = { mail: 'offboarding_notice', offboardingId: offboarding.id, daysLeft } as const;
  await tellAdmins(scope, notice, `${offboarding.id} ${daysLeft}`);
}

/** Where a tenant's leave stands. `NOT_FOUND` where it has none. */
export async function getOffboarding(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'offboarding.read');
  const { em, tenant } = scope;
  const [offboarding] = await em.find(
    Offboarding,
    { tenantId: tenant.id },
    { orderBy: { id: 'desc' }, limit: 1 },
  );
  if (!offboarding) throw new Refusal('NOT_FOUND', 'this tenant has no offboarding');
  return describeOffboarding(scope, { offboarding });
}

async function setNoticeDeadlines(scope: TenantScope, { effectiveAt }: Offboarding): Promise<void> {
  await setDeadline(scope, 'offboarding_execution', effectiveAt);
  for (const kind of ['offboarding_notice_7', 'offboarding_notice_1'] as const) {
    const noticeAt = daysAfter(effectiveAt, -notices[kind]);
    if (noticeAt > scope.tenantNow) await setDeadline(scope, kind, noticeAt);
  }
}
