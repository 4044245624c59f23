import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { isLiving, strictestMode, suspensionModes } from '../../domain/lifecycle/status.ts';
import {
  requireMayRaise,
  suspensionPriority,
  suspensionTriggers,
  whoMayLift,
} from '../../domain/lifecycle/suspensions.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { setDeadline } from '../../db/deadlines.ts';
import { Suspension } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { tellAdmins, tellOperators } from '../notifications/notices.ts';
import { endSessions } from '../people/sessions.ts';
import { announce } from '../lifecycle/announcement.ts';
import { resetInactivity } from './inactivity-deadlines.ts';
import { describeSuspension } from './suspension-description.ts';
import { openTask } from './tasks.ts';
import { decide } from '../lifecycle/transition.ts';
import { pauseTrial } from '../lifecycle/trial.ts';

export const suspendTenantInput = z.object({
  trigger: z.enum(suspensionTriggers),
  mode: z.enum(suspensionModes),
  note: line(2000),
  notify: z.boolean().default(true),
  /** For later: nothing changes before. */
  startsAt: z.iso.datetime({ offset: true }).optional(),
  /** When it ends by itself, where that is known. */
  endsAt: z.iso.datetime({ offset: true }).optional(),
  /** The invoice that is unpaid. */
  invoice: line(200).optional(),
});
export type SuspendTenantInput = z.infer<typeof suspendTenantInput>;

/** Suspends a tenant for one more cause; the strictest of all causes rules. `blocked` ends every session. */
export async function suspendTenant(scope: TenantScope, input: SuspendTenantInput) {
  authorize(scope.actor, scope.tenant, 'suspension.steer');
  const { suspension, tenant } = await raiseSuspension(scope, input);
  return { ...describeTenant(tenant), suspension: describeSuspension(suspension) };
}

/** Raises a cause that the actor may raise: now, or for later. */
export async function raiseSuspension(scope: TenantScope, input: SuspendTenantInput) {
  requireMayRaise(scope.actor, input.trigger, 'raise');
  const { tenant } = await decide(scope, 'suspend');
  const { startsAt, endsAt } = readTimes(scope, input);
  if (input.invoice !== undefined && input.trigger !== 'payment_failure') {
    throw new Refusal('INVALID_INPUT', 'invoice: goes with the trigger payment_failure');
  }
  const suspension = scope.em.create(Suspension, {
    tenantId: tenant.id,
    id: newId(),
    trigger: input.trigger,
    mode: input.mode,
    note: input.note,
    invoice: input.invoice ?? null,
    startsAt: startsAt ?? scope.tenantNow,
    endsAt,
    notify: input.notify,
    raisedAt: scope.now,
    raisedByKind: scope.actor.kind,
    raisedById: actorId(scope.actor),
  });
  if (startsAt) await scheduleSuspension(scope, suspension);
  else await beginSuspension(scope, suspension);
  return { suspension, tenant };
}

/** Begins a suspension that was scheduled, unless it was taken back or the tenant has left since. */
export async function startScheduledSuspension(scope: TenantScope, id: string): Promise<void> {
  const where = { tenantId: scope.tenant.id, id, startedAt: null, liftedAt: null };
  const suspension = await scope.em.findOne(Suspension, where);
  if (!suspension || scope.tenant.status === 'offboarded') return;
  await decide(scope, 'suspend');
  await beginSuspension(scope, suspension);
}

/** Every suspension a tenant has or had, newest first. */
export async function listSuspensions({ em, actor, tenant }: TenantScope) {
  authorize(actor, tenant, 'suspension.read');
  const found = await em.find(Suspension, { tenantId: tenant.id }, { orderBy: { id: 'desc' } });
  return { items: found.map(describeSuspension), nextCursor: null };
}

async function scheduleSuspension(scope: TenantScope, suspension: Suspension): Promise<void> {
  await announce(scope, 'suspension_scheduled', factsOf(suspension));
  await scope.em.flush();
  await setDeadline(scope, 'suspension_start', suspension.startsAt, suspension.id);
  if (suspension.notify) {
    await tellAdmins(scope, { mail: 'suspension_scheduled', suspensionId: suspension.id }, suspension.id);
  }
}

async function beginSuspension(scope: TenantScope, suspension: Suspension): Promise<void> {
  const { tenant } = scope;
  const isFirst = isLiving(tenant.status);
  suspension.startedAt = scope.tenantNow;
  if (isLiving(tenant.status)) {
    tenant.statusBefore = tenant.status;
    tenant.suspendedAt = scope.tenantNow;
    if (tenant.status === 'trial') await pauseTrial(scope);
  }
  tenant.status = 'suspended';
  tenant.suspensionMode = strictestMode([
    suspension.mode,
    ...(tenant.suspensionMode ? [tenant.suspensionMode] : []),
  ]);
  if (suspension.mode === 'blocked') await endSessions(scope, {}, 'tenant_blocked');
  await announce(scope, 'suspended', factsOf(suspension));
  await scope.em.flush();
  if (isFirst) await resetInactivity(scope);
  if (suspension.endsAt) await setDeadline(scope, 'suspension_end', suspension.endsAt, suspension.id);
  await queueReview(scope, suspension);
  if (suspension.notify)
    await tellAdmins(scope, { mail: 'suspended', suspensionId: suspension.id }, suspension.id);
}

/** Puts the review into the operators' queue by the cause's priority; P0 alerts who may lift it. */
async function queueReview(scope: TenantScope, suspension: Suspension): Promise<void> {
  const priority = suspensionPriority(suspension.trigger);
  await openTask(scope, 'suspension_review', { priority, subjectId: suspension.id });
  if (priority !== 'P0') return;
  const except = scope.actor.kind === 'operator' ? scope.actor.id : undefined;
  await tellOperators(
    scope,
    { mail: 'suspension_alert', suspensionId: suspension.id },
    {
      roles: whoMayLift(suspension.trigger).operators,
      ...(except ? { except } : {}),
      occurrence: suspension.id,
    },
  );
}

function readTimes({ tenantNow }: TenantScope, input: SuspendTenantInput) {
  const startsAt = input.startsAt ? new Date(input.startsAt) : null;
  const endsAt = input.endsAt ? new Date(input.endsAt) : null;
  if (startsAt && startsAt <= tenantNow) throw new Refusal('INVALID_INPUT', 'startsAt: is not in the future');
  if (endsAt && endsAt <= (startsAt ?? tenantNow)) {
    throw new Refusal('INVALID_INPUT', 'endsAt: is not after the start');
  }
  return { startsAt, endsAt };
}

function factsOf({ id, trigger, mode, note, startsAt, endsAt }: Suspension) {
  const times = { startsAt: startsAt.toISOString(), endsAt: endsAt?.toISOString() ?? null };
  return { target: { kind: 'suspension', id }, details: { trigger, mode, note, ...times }, note };
}
