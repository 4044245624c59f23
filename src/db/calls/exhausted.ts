import { callWindowSeconds } from '../../domain/plans/api-calls.ts';

/** Times are of the process's own clock, in milliseconds. */
type Exhausted = { allowed: number; freesAt: number; until: number };

const mostRemembered = 20_000;
/** After which the database is asked again: meanwhile the plan may have changed. */
const rememberedMilliseconds = 1000;

/** Remembers which budgets have nothing left, so that who is over their limit does not load the database. */
export function createExhausted() {
  /** The longest remembered first. */
  const budgets = new Map<string, Exhausted>();
  return {
    /** `wait` is in how many seconds a call would fit; `null`: never, under this limit. */
    note(name: string, { allowed, wait }: { allowed: number; wait: number | null }): void {
      const now = performance.now();
      const freesAt = now + (wait ?? callWindowSeconds) * 1000;
      budgets.delete(name);
      budgets.set(name, { allowed, freesAt, until: Math.min(freesAt, now + rememberedMilliseconds) });
      if (budgets.size > mostRemembered) budgets.delete(budgets.keys().next().value ?? '');
    },
    /** The limit that was reached, and in how many whole seconds a call would fit. */
    find(name: string): { allowed: number; seconds: number } | null {
      const found = budgets.get(name);
      if (!found) return null;
      const now = performance.now();
      if (now < found.until) {
        return { allowed: found.allowed, seconds: Math.max(1, Math.ceil((found.freesAt - now) / 1000)) };
      }
      budgets.delete(name);
      return null;
    },
  };
}
