import { type CallBudget, type CallCount, callWindowSeconds } from '../../domain/plans/api-calls.ts';
import type { ControlPool } from '../control-pool.ts';
import { budgetKey, type Taken, takeCalls } from './budget-table.ts';
import { createExhausted } from './exhausted.ts';

/** Calls that want to be counted: all of them, or none. */
export type Calls = { budget: CallBudget; tenantId: string; allowed: number; calls: number };

/** Counts calls over all processes. */
export type CallCounter = {
  /** Counts calls or refuses them, as the answer says. Throws what the database throws. */
  count(calls: Calls): Promise<CallCount>;
  /** The refusal that any call would get now, where that is known without the database; else `null`. */
  recall(budget: CallBudget, tenantId: string): CallCount | null;
};

type Waiting = { calls: Calls; resolve: (count: CallCount) => void; reject: (error: unknown) => void };

/**
 * A counter for one process. While a budget's statement is under way, the calls that come are gathered, and the next
 * statement counts them together: a busy tenant costs a statement a round trip, and not one a call.
 */
export function createCallCounter(pool: ControlPool): CallCounter {
  const exhausted = createExhausted();
  /** What waits, of each budget that a statement is under way for. */
  const queues = new Map<string, Waiting[]>();

  async function settle(name: string, queue: Waiting[]): Promise<void> {
    for (let batch = nextBatch(queue); batch; batch = nextBatch(queue)) {
      const { first, all } = batch;
      const { allowed, calls: fewest } = first.calls;
      const wanted = Math.max(all.length, fewest);
      try {
        const key = budgetKey(first.calls.budget, first.calls.tenantId);
        const taken = await takeCalls(pool, { key, allowed, wanted, fewest });
        if (taken.used >= allowed && taken.granted < wanted)
          exhausted.note(name, { allowed, wait: taken.wait });
        answer(all, taken);
      } catch (error) {
        // A database that hangs hangs for those who wait, too: nobody waits for it twice.
        for (const { reject } of [...all, ...queue.splice(0)]) reject(error);
      }
    }
    queues.delete(name);
  }

  return {
    count: (calls) =>
      new Promise((resolve, reject) => {
        const name = nameOf(calls);
        const waiting = { calls, resolve, reject };
        const queue = queues.get(name);
        if (queue) {
          queue.push(waiting);
          return;
        }
        const begun = [waiting];
        queues.set(name, begun);
        void settle(name, begun);
      }),
    recall(budget, tenantId) {
      const found = exhausted.find(nameOf({ budget, tenantId }));
      if (!found) return null;
      const { allowed, seconds } = found;
      return { budget, allowed, remaining: 0, freesInSeconds: seconds, retryAfterSeconds: seconds };
    },
  };
}

function nameOf({ budget, tenantId }: Pick<Calls, 'budget' | 'tenantId'>): string {
  return `${budget} ${tenantId}`;
}

/** Takes from the front of a queue what one statement can count: single calls under one limit, or one larger number. */
function nextBatch(queue: Waiting[]): { first: Waiting; all: Waiting[] } | null {
  const [first] = queue;
  if (!first) return null;
  const fits = ({ calls }: Waiting) => calls.calls === 1 && calls.allowed === first.calls.allowed;
  const end = fits(first) ? queue.findIndex((waiting) => !fits(waiting)) : 1;
  return { first, all: queue.splice(0, end === -1 ? queue.length : end) };
}

/** Single calls get through in the order they came, as many as were given. */
function answer(all: readonly Waiting[], { granted, used, frees, wait }: Taken): void {
  for (const [index, { calls, resolve }] of all.entries()) {
    const { budget, allowed } = calls;
    const passes = granted >= calls.calls && index < granted;
    resolve({
      budget,
      allowed,
      remaining: Math.max(0, allowed - used),
      freesInSeconds: wholeSeconds(frees),
      retryAfterSeconds: passes ? null : wholeSeconds(wait),
    });
  }
}

function wholeSeconds(seconds: number | null): number {
  return seconds === null ? callWindowSeconds : Math.max(1, Math.ceil(seconds));
}
