import type { ApprovableAction } from '../../domain/approvals.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Scope } from '../../db/scope.ts';

/**
 * Lets an action pass that has been approved, or that the system does. Else `APPROVAL_REQUIRED`, upon which the entry
 * point stores it with its input; a preview only notes that.
 */
export function requireApproval({ actor, watch }: Scope, action: ApprovableAction): void {
  if (actor.kind === 'system') return;
  if ('approval' in actor && actor.approval) return;
  if (watch) {
    watch.approvalNeeded = true;
    return;
  }
  throw new Refusal('APPROVAL_REQUIRED', 'this needs the approval of another operator', { action });
}
