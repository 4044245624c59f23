import { fireDeadline, listDueDeadlines } from '../actions/lifecycle/due-deadlines.ts';
import type { DueDeadline } from '../db/deadlines.ts';
import type { Database } from '../db/scope.ts';
import { entryOfJob } from './entry.ts';

const batch = 200;

/**
 * Fires every deadline that is due, each in its tenant's scope and its own transaction, oldest first. Several
 * sweeps may run at once: each deadline fires once. One that fails stays due, is passed over, and is reported.
 * Tells how many fired.
 */
export async function sweepDeadlines(
  db: Database,
  onFailure: (due: DueDeadline, error: unknown) => void,
): Promise<number> {
  const tried = new Set<string>();
  let fired = 0;
  for (;;) {
    const entry = entryOfJob('sweep');
    const due = await db.asControlPlane(entry, (scope) => listDueDeadlines(scope, batch + tried.size));
    const fresh = due.filter((deadline) => !tried.has(nameOf(deadline)));
    if (fresh.length === 0) return fired;
    for (const deadline of fresh) {
      tried.add(nameOf(deadline));
      try {
        if (
          await db.inTenant({ ...entry, tenantId: deadline.tenantId }, (scope) =>
            fireDeadline(scope, deadline),
          )
        ) {
          fired += 1;
        }
      } catch (error) {
        onFailure(deadline, error);
      }
    }
  }
}

function nameOf({ tenantId, kind, subject }: DueDeadline): string {
  return `${tenantId} ${kind} ${subject}`;
}
