import { z } from 'zod';
import { strictestMode } from '../../domain/lifecycle/status.ts';
import type { SuspensionResolution } from '../../domain/lifecycle/suspensions.ts';
import { nextStatus } from '../../domain/lifecycle/transitions.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { lockStanding, stateOf } from '../lifecycle/transition.ts';
import { findOpen, lift, requireMayLift } from './lifting.ts';
import { describeSuspension } from './suspension-description.ts';

const resolutions = ['resolved', 'paid', 'payment_promised', 'withdrawn', 'false_alarm'] as const;

export const reinstateTenantInput = z.object({
  suspensionId: z.uuid().optional(),
  note: line(2000),
  notify: z.boolean().optional(),
  /** How the cause ended; with an unpaid invoice it must say `paid`, or by when it was promised. */
  resolution: z.enum(resolutions).optional(),
  promisedUntil: z.iso.datetime({ offset: true }).optional(),
});
export type ReinstateTenantInput = z.infer<typeof reinstateTenantInput>;

/** Lifts one cause, or takes back one that has not begun. The tenant returns to the status before when none is left. */
export async function reinstateTenant(scope: TenantScope, input: ReinstateTenantInput) {
  await authorizeLifting(scope);
  const standing = await lockStanding(scope);
  const open = await findOpen(scope);
  // What has not begun can be taken back in any status but that of a tenant that has ended.
  if (open.length === 0 || standing.tenant.status === 'offboarded')
    nextStatus(stateOf(standing), 'reinstate');
  const suspension = chooseSuspension(open, input.suspensionId);
  requireMayLift(scope.actor, suspension);
  const end = readEnd(scope, suspension, input);
  await lift(scope, standing, { suspension, open, ...end, note: input.note, notify: input.notify !== false });
  return { ...describeTenant(standing.tenant), suspension: describeSuspension(suspension) };
}

/** A block that nobody but the owner asked for does not keep the owner from taking it back. */
async function authorizeLifting(scope: TenantScope): Promise<void> {
  const { actor, tenant } = scope;
  const { status, statusBefore, plan, planVersion, planOverrides } = tenant;
  let { suspensionMode } = tenant;
  if (actor.kind === 'user' && actor.role === 'owner' && suspensionMode === 'blocked') {
    const others = (await findOpen(scope)).filter(
      ({ startedAt, raisedByKind }) => startedAt && raisedByKind !== 'user',
    );
    suspensionMode = strictestMode(others.map(({ mode }) => mode)) ?? 'read_only';
  }
  authorize(
    actor,
    { status, statusBefore, plan, planVersion, planOverrides, suspensionMode },
    'suspension.steer',
  );
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
  { resolution, promisedUntil }: ReinstateTenantInput,
): { resolution: SuspensionResolution; promisedUntil: Date | null } {
  const until = promisedUntil ? new Date(promisedUntil) : null;
  if (until && until <= tenantNow) throw new Refusal('INVALID_INPUT', 'promisedUntil: is not in the future');
  const promises = resolution === 'payment_promised';
  if (promises !== (until !== null)) {
    throw new Refusal(
      'INVALID_INPUT',
      'promisedUntil: goes with the resolution payment_promised, and only with it',
    );
  }
  if ((promises || resolution === 'paid') && trigger !== 'payment_failure') {
    throw new Refusal('INVALID_INPUT', `resolution: a payment does not lift a suspension for ${trigger}`);
  }
  if (invoice && startedAt && resolution !== 'paid' && !promises && resolution !== 'false_alarm') {
    throw new Refusal(
      'INVALID_INPUT',
      `resolution: invoice ${invoice} is unpaid; say paid, false_alarm, or payment_promised with promisedUntil`,
    );
  }
  return { resolution: resolution ?? (startedAt ? 'resolved' : 'withdrawn'), promisedUntil: until };
}
