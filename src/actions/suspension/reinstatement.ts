import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { strictestMode } from '../../domain/lifecycle/status.ts';
import { nextStatus } from '../../domain/lifecycle/transitions.ts';
import type { SuspensionResolution, SuspensionTrigger } from '../../domain/lifecycle/suspensions.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { announce } from '../lifecycle/announcement.ts';
import { resetInactivity } from './inactivity.ts';
import { raiseSuspension, requireMayLift } from './suspension.ts';
import { describeSuspension } from './suspension-description.ts';
import { closeTasksAbout } from './tasks.ts';
import { lockStanding, type Standing, stateOf } from '../lifecycle/transition.ts';
import { resumeTrial } from '../lifecycle/trial.ts';

const resolutions = ['resolved', 'paid', 'payment_promised', 'withdrawn', 'false_alarm'] as const;

export const reinstateTenantInput = z.object({
  suspensionId: z.uuid().optional(),
  note: line(2000),
  /** How the cause ended; with an unpaid invoice it must say `paid`, or by when it was promised. */
  resolution: z.enum(resolutions).optional(),
  promisedUntil: z.iso.datetime({ offset: true }).optional(),
});
export const confirmPaymentInput = z.object({ suspensionId: z.uuid(), note: line(2000) });

/** Lifts one cause, or takes back one that has not begun. The tenant returns to the status before when none is left. */
export async function reinstateTenant(scope: TenantScope, input: z.infer<typeof reinstateTenantInput>) {
  authorize(scope.actor, scope.tenant, 'suspension.steer');
  const standing = await lockStanding(scope);
  const open = await findOpen(scope);
  if (open.length === 0) nextStatus(stateOf(standing), 'reinstate');
  const suspension = chooseSuspension(open, input.suspensionId);
  requireMayLift(scope.actor, suspension);
  const end = readEnd(scope, suspension, input);
  await lift(scope, standing, { suspension, open, ...end, note: input.note });
  return { ...describeTenant(standing.tenant), suspension: describeSuspension(suspension) };
}

/** Lifts what has ended by itself: every open suspension for a cause, or the one whose time is over. */
export async function liftEnded(
  scope: TenantScope,
  which: { trigger: SuspensionTrigger } | { id: string },
  note: string,
): Promise<void> {
  const standing = await lockStanding(scope);
  const open = await findOpen(scope);
  for (const suspension of open) {
    const ends = 'id' in which ? suspension.id === which.id : suspension.trigger === which.trigger;
    if (!ends) continue;
    const left = open.filter(({ liftedAt }) => !liftedAt);
    await lift(scope, standing, { suspension, open: left, resolution: 'ended', promisedUntil: null, note });
  }
}

/** Notes that a payment that was promised has come: the ladder does not resume. */
export async function confirmPayment(scope: TenantScope, input: z.infer<typeof confirmPaymentInput>) {
  authorize(scope.actor, scope.tenant, 'suspension.steer');
  const where = {
    tenantId: scope.tenant.id,
    id: input.suspensionId,
    resolution: 'payment_promised' as const,
  };
  const suspension = await scope.em.findOne(Suspension, where);
  if (!suspension) throw new Refusal('NOT_FOUND', 'no suspension was lifted on such a promise');
  requireMayLift(scope.actor, suspension);
  if (suspension.promiseKeptAt) return describeSuspension(suspension);
  suspension.promiseKeptAt = scope.now;
  await clearDeadline(scope, 'payment_promise', suspension.id);
  await record(scope, 'suspension.promise_kept', {
    target: { kind: 'suspension', id: suspension.id },
    details: { note: input.note },
  });
  return describeSuspension(suspension);
}

/** The day that was promised has come without the payment: the tenant is suspended as it was before. */
export async function resumeAfterPromise(scope: TenantScope, id: string): Promise<void> {
  const broken = await scope.em.findOne(Suspension, { tenantId: scope.tenant.id, id, promiseKeptAt: null });
  if (!broken || scope.tenant.status === 'offboarded') return;
  const { trigger, mode, invoice } = broken;
  await raiseSuspension(scope, {
    trigger,
    mode,
    note: `the payment that was promised has not come: ${broken.note}`.slice(0, 2000),
    notify: true,
    ...(invoice ? { invoice } : {}),
  });
}

type Lifting = {
  suspension: Suspension;
  open: readonly Suspension[];
  resolution: SuspensionResolution;
  promisedUntil: Date | null;
  note: string;
};

async function lift(scope: TenantScope, standing: Standing, lifting: Lifting): Promise<void> {
  const { suspension, resolution, promisedUntil, note } = lifting;
  const hadBegun = suspension.startedAt !== null;
  Object.assign(suspension, {
    liftedAt: scope.now,
    liftedByKind: scope.actor.kind,
    liftedById: actorId(scope.actor),
    liftNote: note,
    resolution,
    promisedUntil,
  });
  const left = lifting.open.filter((other) => other !== suspension && other.startedAt);
  if (hadBegun) await settleStatus(scope, standing, left);
  await announce(scope, hadBegun ? 'reinstated' : 'suspension_cancelled', {
    target: { kind: 'suspension', id: suspension.id },
    details: {
      trigger: suspension.trigger,
      note,
      resolution,
      promisedUntil: promisedUntil?.toISOString() ?? null,
      causesLeft: left.map(({ trigger }) => trigger),
    },
    note,
  });
  await scope.em.flush();
  for (const kind of ['suspension_start', 'suspension_end'] as const)
    await clearDeadline(scope, kind, suspension.id);
  if (promisedUntil) await setDeadline(scope, 'payment_promise', promisedUntil, suspension.id);
  await closeTasksAbout(scope, suspension.id, note);
  await tellAdmins(scope, { mail: 'reinstated', suspensionId: suspension.id }, suspension.id);
}

async function settleStatus(scope: TenantScope, standing: Standing, left: readonly Suspension[]) {
  const { tenant } = standing;
  // What ends after the tenant has left changes only what it would be taken back to.
  if (tenant.status !== 'suspended') return;
  if (left.length > 0) {
    tenant.suspensionMode = strictestMode(left.map(({ mode }) => mode));
    return;
  }
  const status = nextStatus(stateOf(standing), 'reinstate');
  const since = tenant.suspendedAt ?? scope.tenantNow;
  Object.assign(tenant, { status, statusBefore: null, suspensionMode: null, suspendedAt: null });
  if (status === 'trial') await resumeTrial(scope, tenant, since);
  await resetInactivity(scope);
}

function findOpen({ em, tenant }: TenantScope): Promise<Suspension[]> {
  return em.find(Suspension, { tenantId: tenant.id, liftedAt: null }, { orderBy: { id: 'asc' } });
}

function chooseSuspension(open: readonly Suspension[], id: string | undefined): Suspension {
  const begun = open.filter(({ startedAt }) => startedAt);
  const among = begun.length > 0 ? begun : open;
  const chosen = id === undefined ? among[0] : open.find((suspension) => suspension.id === id);
  if (!chosen) throw new Refusal('NOT_FOUND', 'no such open suspension');
  if (id === undefined && among.length > 1) {
    throw new Refusal('INVALID_INPUT', 'several suspensions are open: name one by suspensionId', {
      open: among.map((suspension) => suspension.id),
    });
  }
  return chosen;
}

/** How a cause ended. An unpaid invoice is not lifted by a word: it was paid, or a date was promised. */
function readEnd(
  { tenantNow }: TenantScope,
  { invoice, startedAt, trigger }: Suspension,
  { resolution, promisedUntil }: z.infer<typeof reinstateTenantInput>,
): { resolution: SuspensionResolution; promisedUntil: Date | null } {
  const until = promisedUntil ? new Date(promisedUntil) : null;
  if (until && until <= tenantNow) throw new Refusal('INVALID_INPUT', 'promisedUntil: is not in the future');
  const promises = resolution === 'payment_promised';
  if (promises !== (until !== null) || (promises && trigger !== 'payment_failure')) {
    throw new Refusal(
      'INVALID_INPUT',
      'promisedUntil: goes with the resolution payment_promised of a payment_failure, and only with it',
    );
  }
  if (invoice && startedAt && resolution !== 'paid' && !promises && resolution !== 'false_alarm') {
    throw new Refusal(
      'INVALID_INPUT',
      `resolution: invoice ${invoice} is unpaid; say paid, false_alarm, or payment_promised with promisedUntil`,
    );
  }
  return { resolution: resolution ?? (startedAt ? 'resolved' : 'withdrawn'), promisedUntil: until };
}
