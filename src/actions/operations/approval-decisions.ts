import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import type { Actor } from '../../domain/actors.ts';
import { approvableActions, isOverdue } from '../../domain/approvals.ts';
import { line } from '../../domain/names.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Approval } from '../../db/entities/operations.ts';
import { type ControlScope, enterPlace } from '../../db/scope.ts';
import { describeApproval } from './approval-description.ts';
import { runApproved } from './approval-run.ts';
import { hashRequest } from './approvals.ts';

const approvalInput = z.object({ approvalId: z.uuid() });
export const approveInput = approvalInput.extend({ note: line(2000).optional() });
export const rejectInput = approvalInput.extend({ note: line(2000) });

/**
 * Gives the approval that another person asked for: what they asked runs now, as theirs. `CONFLICT` where it is not
 * pending any more, `PERMISSION_DENIED` to who asked, whatever account they use, and to who could not do it themselves.
 */
export async function approveApproval(
  scope: ControlScope,
  { approvalId, note }: z.infer<typeof approveInput>,
) {
  const decider = requireDecider(scope.actor);
  const approval = await lockPending(scope, approvalId);
  if (decider.key === approval.requestedByKey) {
    throw new Refusal('PERMISSION_DENIED', 'nobody approves what they asked for themselves');
  }
  requirePermission(scope.actor, approvableActions[approval.action].permission);
  return runApproved(scope, approval, {
    given: { id: approval.id, approvedBy: decider.id, brokenGlass: false },
    changes: decisionOf(scope, decider, note),
    tell: (inside) => recordDecision(inside, approval, { action: 'approval.approved', note }),
  });
}

/** Turns down what somebody asked for; who asked may take it back so. */
export async function rejectApproval(scope: ControlScope, { approvalId, note }: z.infer<typeof rejectInput>) {
  const decider = requireDecider(scope.actor);
  const approval = await lockPending(scope, approvalId);
  const isOwn = decider.key === approval.requestedByKey;
  if (!isOwn) requirePermission(scope.actor, approvableActions[approval.action].permission);
  Object.assign(approval, decisionOf(scope, decider, note), { state: 'rejected' });
  await scope.em.flush();
  await recordDecision(scope, approval, { action: 'approval.rejected', note });
  return describeApproval(approval, scope.now);
}

type Decider = { id: string; key: string };

/** Who decides, as a person, or `PERMISSION_DENIED`. */
export function requireDecider(actor: Actor): Decider {
  requirePermission(actor, 'approval.decide');
  if (actor.kind !== 'operator') throw new Refusal('PERMISSION_DENIED', 'only operators may do this');
  return { id: actor.id, key: foldCase(actor.email) };
}

/** An approval that can still be decided, locked; else `CONFLICT` with its state. */
export async function lockPending({ em, now }: ControlScope, id: string): Promise<Approval> {
  const approval = await em.findOne(Approval, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!approval) throw new Refusal('NOT_FOUND', 'no such approval');
  const state = isOverdue(approval, now) ? 'expired' : approval.state;
  if (state !== 'pending') throw new Refusal('CONFLICT', `this approval is ${state}`, { state });
  if (hashRequest(approval) !== approval.inputHash) {
    throw new Refusal('CONFLICT', 'this approval is not what was asked for any more');
  }
  return approval;
}

/** Who decided, when, with what note. */
export function decisionOf({ now }: ControlScope, { id, key }: Decider, note: string | undefined) {
  return { decidedAt: now, decidedById: id, decidedByKey: key, decisionNote: note ?? null };
}

type Recorded = {
  action: 'approval.approved' | 'approval.rejected' | 'approval.glass_broken' | 'approval.reviewed';
  note: string | undefined;
};

/** Notes in the trail of the tenant, or of the control plane, what became of an approval. */
export function recordDecision(
  scope: ControlScope,
  { tenantId, id, action: asked, requestedByKind, requestedById }: Approval,
  { action, note }: Recorded,
): Promise<void> {
  return enterPlace(scope, tenantId, (place) =>
    record(place, action, {
      target: { kind: 'approval', id },
      details: {
        action: asked,
        requestedBy: { kind: requestedByKind, id: requestedById },
        note: note ?? null,
      },
    }),
  );
}
