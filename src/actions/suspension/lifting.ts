import { type Actor, actorId } from '../../domain/actors.ts';
import { strictestMode } from '../../domain/lifecycle/status.ts';
import {
  requireMayRaise,
  type SuspensionResolution,
  type SuspensionTrigger,
} from '../../domain/lifecycle/suspensions.ts';
import { nextStatus } from '../../domain/lifecycle/transitions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { lockStanding, type Standing, stateOf } from '../lifecycle/transition.ts';
import { resumeTrial } from '../lifecycle/trial.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { restartInactivity } from './inactivity-deadlines.ts';
import { closeTasksAbout } from './tasks.ts';

/** How one cause ends, and which others are open beside it. */
export type Lifting = {
  suspension: Suspension;
  open: readonly Suspension[];
  resolution: SuspensionResolution;
  promisedUntil: Date | null;
  note: string;
  notify: boolean;
};

/** Lifts one cause, or takes back one that has not begun; the tenant returns to the status before when none is left. */
export async function lift(scope: TenantScope, standing: Standing, lifting: Lifting): Promise<void> {
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
  // Who was never told that it would begin is not told that it will not.
  if (lifting.notify && (hadBegun || suspension.notify))
    await tellAdmins(scope, { mail: 'reinstated', suspensionId: suspension.id }, suspension.id);
}

/** Lifts what has ended by itself: every open suspension for a cause, or the one whose time is over. */
export async function liftEnded(
  scope: TenantScope,
  which: { trigger: SuspensionTrigger } | { id: string },
  note: string,
): Promise<void> {
  const standing = await lockStanding(scope);
  const ending = (await findOpen(scope)).filter(({ id, trigger }) =>
    'id' in which ? id === which.id : trigger === which.trigger,
  );
  for (const suspension of ending) {
    const open = await findOpen(scope);
    const end = { resolution: 'ended', promisedUntil: null, note, notify: true } as const;
    await lift(scope, standing, { suspension, open, ...end });
  }
}

/** The suspensions that have not been lifted, those for later among them. */
export function findOpen({ em, tenant }: TenantScope): Promise<Suspension[]> {
  const open = { tenantId: tenant.id, liftedAt: null };
  return em.find(Suspension, open, { orderBy: { id: 'asc' }, refresh: true });
}

/** Whether an actor may lift this cause. */
export function mayLift(actor: Actor, suspension: Suspension): boolean {
  try {
    requireMayLift(actor, suspension);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Refuses with `PERMISSION_DENIED` who may not lift this cause: who may raise it, an owner what an owner asked for. */
export function requireMayLift(actor: Actor, suspension: Suspension): void {
  if (actor.kind === 'user' && suspension.raisedByKind !== 'user') {
    throw new Refusal('PERMISSION_DENIED', 'you may only lift a suspension that you asked for');
  }
  requireMayRaise(actor, suspension.trigger, 'lift');
}

async function settleStatus(scope: TenantScope, standing: Standing, left: readonly Suspension[]) {
  const { tenant } = standing;
  if (left.length > 0) {
    tenant.suspensionMode = strictestMode(left.map(({ mode }) => mode));
    return;
  }
  const status = nextStatus(stateOf(standing), 'reinstate');
  const since = tenant.suspendedAt ?? scope.tenantNow;
  Object.assign(tenant, { status, statusBefore: null, suspensionMode: null, suspendedAt: null });
  if (status === 'trial') await resumeTrial(scope, tenant, since);
  await scope.em.flush();
  await restartInactivity(scope);
}
