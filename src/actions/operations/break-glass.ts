import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import { operatorRoles } from '../../domain/actors.ts';
import { approvableActions } from '../../domain/approvals.ts';
import { line } from '../../domain/names.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { Operator } from '../../db/entities/control.ts';
import { Approval } from '../../db/entities/operations.ts';
import { type ControlScope, enterPlace } from '../../db/scope.ts';
import { tellOperators } from '../notifications/notices.ts';
import { decisionOf, lockPending, recordDecision, requireDecider } from './approval-decisions.ts';
import { describeApproval } from './approval-description.ts';
import { runApproved } from './approval-run.ts';

export const breakGlassInput = z.object({ approvalId: z.uuid(), reason: line(2000) });
export const reviewInput = z.object({ approvalId: z.uuid(), note: line(2000) });

/**
 * Runs alone, in an emergency, what one has asked for. Every other operator is told at once, and until one of them has
 * looked at it there is no second time: `PERMISSION_DENIED` with the `approvalId` that waits for review.
 */
export async function breakGlass(
  scope: ControlScope,
  { approvalId, reason }: z.infer<typeof breakGlassInput>,
) {
  const decider = requireDecider(scope.actor);
  await requireReviewed(scope, decider);
  const approval = await lockPending(scope, approvalId);
  if (approval.requestedById !== decider.id) {
    throw new Refusal('PERMISSION_DENIED', 'only who asked for it may run it alone');
  }
  const { permission, breakGlass: allowed } = approvableActions[approval.action];
  if (!allowed) throw new Refusal('PERMISSION_DENIED', 'this is never run by one person alone');
  requirePermission(scope.actor, permission);
  return runApproved(scope, approval, {
    given: { id: approval.id, approvedBy: decider.id, brokenGlass: true },
    changes: { ...decisionOf(scope, decider, reason), brokenGlass: true },
    tell: async (inside) => {
      await recordDecision(inside, approval, { action: 'approval.glass_broken', note: reason });
      await tellOthers(inside, approval, decider.id);
    },
  });
}

/** Closes the review of what another operator ran alone. */
export async function reviewBrokenGlass(
  scope: ControlScope,
  { approvalId, note }: z.infer<typeof reviewInput>,
) {
  const reviewer = requireDecider(scope.actor);
  const approval = await scope.em.findOne(
    Approval,
    { id: approvalId },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (!approval) throw new Refusal('NOT_FOUND', 'no such approval');
  if (!approval.brokenGlass) throw new Refusal('CONFLICT', 'nobody ran this alone');
  if (approval.reviewedAt) throw new Refusal('CONFLICT', 'this has been reviewed already');
  if (reviewer.key === approval.requestedByKey) {
    throw new Refusal('PERMISSION_DENIED', 'nobody reviews what they ran themselves');
  }
  requirePermission(scope.actor, approvableActions[approval.action].permission);
  Object.assign(approval, { reviewedAt: scope.now, reviewedByKey: reviewer.key, reviewNote: note });
  await scope.em.flush();
  await recordDecision(scope, approval, { action: 'approval.reviewed', note });
  return describeApproval(approval, scope.now);
}

async function requireReviewed(
  { em }: ControlScope,
  { id, key }: { id: string; key: string },
): Promise<void> {
  // One after the other: two emergencies of one person at the same moment are one too many.
  await em.findOneOrFail(Operator, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const open = await em.findOne(Approval, { requestedByKey: key, brokenGlass: true, reviewedAt: null });
  if (!open) return;
  const sentence = 'what you last ran alone waits for review by another operator';
  throw new Refusal('PERMISSION_DENIED', sentence, { approvalId: open.id });
}

function tellOthers(scope: ControlScope, { tenantId, id }: Approval, except: string): Promise<void> {
  return enterPlace(scope, tenantId, (place) =>
    tellOperators(
      place,
      { mail: 'glass_broken', approvalId: id },
      { roles: operatorRoles, except, occurrence: id },
    ),
  );
}
