import { listDueApprovals, settleDueApproval } from '../actions/operations/approval-expiry.ts';
import type { Database } from '../db/scope.ts';
import { Refusal } from '../domain/refusal.ts';
import { entryOfJob } from './entry.ts';

const approvalsAtOnce = 200;

/**
 * Expires the approvals that nobody gave in time, and tells again of those that wait for two days. Several sweeps may
 * run at once: each approval expires once and is told of once.
 */
export async function sweepApprovals(db: Database): Promise<void> {
  const entry = entryOfJob('approvals');
  const due = await db.asControlPlane(entry, (scope) => listDueApprovals(scope, approvalsAtOnce));
  for (const approval of due) {
    try {
      await db.asControlPlane(entry, (scope) => settleDueApproval(scope, approval));
    } catch (error) {
      // The tenant is being deleted, and with it what was asked about it.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}
