import { claimNextDeadline, fireDeadline, listDueTenants } from '../actions/lifecycle/due-deadlines.ts';
import type { DueDeadline } from '../db/deadlines.ts';
import type { Database } from '../db/scope.ts';
import { entryOfJob } from './entry.ts';
import { isLostTenant } from './lost-tenant.ts';

const tenantsAtOnce = 500;
const lanes = 4;

type OnFailure = (due: DueDeadline, error: unknown) => void;

/**
 * Fires every deadline that is due, each in its tenant's scope and its own transaction; those of one tenant in the
 * order of its time. Several sweeps may run at once: each deadline fires once. One that fails stays due, is passed
 * over, and is reported. Tells how many fired.
 */
export async function sweepDeadlines(db: Database, onFailure: OnFailure): Promise<number> {
  const swept = new Set<string>();
  let fired = 0;
  for (;;) {
    const limit = tenantsAtOnce + swept.size;
    const due = await db.asControlPlane(entryOfJob('sweep'), (scope) => listDueTenants(scope, limit));
    const fresh = due.filter((tenantId) => !swept.has(tenantId));
    if (fresh.length === 0) return fired;
    for (const tenantId of fresh) swept.add(tenantId);
    const busy: string[] = [];
    await inLanes(fresh, async (tenantId) => {
      const drained = await drainTenant(db, tenantId, { wait: false, onFailure });
      fired += drained.fired;
      if (drained.busy) busy.push(tenantId);
    });
    // Somebody else was at these, perhaps another sweep: what is left is fired when they are done.
    await inLanes(busy, async (tenantId) => {
      fired += (await drainTenant(db, tenantId, { wait: true, onFailure })).fired;
    });
  }
}

async function drainTenant(
  db: Database,
  tenantId: string,
  { wait, onFailure }: { wait: boolean; onFailure: OnFailure },
): Promise<{ fired: number; busy: boolean }> {
  const except: DueDeadline[] = [];
  let fired = 0;
  for (;;) {
    let claimed: DueDeadline | null = null;
    try {
      const outcome = await db.inTenant({ ...entryOfJob('sweep'), tenantId }, async (scope) => {
        const next = await claimNextDeadline(scope, { wait, except });
        if (next === null || next === 'busy') return next;
        const { kind, subject } = next;
        claimed = { tenantId, kind, subject };
        await fireDeadline(scope, next);
        return 'fired';
      });
      if (outcome !== 'fired') return { fired, busy: outcome === 'busy' };
      fired += 1;
    } catch (error) {
      if (!claimed) return onLostTenant(error, fired);
      onFailure(claimed, error);
      except.push(claimed);
    }
  }
}

/** A tenant that is being purged has no deadlines to fire any more. */
function onLostTenant(error: unknown, fired: number): { fired: number; busy: false } {
  if (!isLostTenant(error)) throw error;
  return { fired, busy: false };
}

/** Works through a list with a few at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
