import type { CallBudget, CallCount } from '../domain/plans/api-calls.ts';
import { Refusal } from '../domain/refusal.ts';
import type { CallCounter, Calls } from '../db/calls/call-counter.ts';
import type { Database, Origin } from '../db/scope.ts';
import type { Log } from '../infra/log.ts';
import type { Metrics } from '../infra/metrics.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/** Calls of a tenant, counted in one of its budgets; `allowed` null is unlimited, and costs nothing. */
type TenantCalls = Omit<Calls, 'allowed'> & { allowed: number | null };

export type ApiCalls = {
  /** Counts calls of a request, all or none: refuses with `RATE_LIMITED` and the seconds to wait. */
  take(origin: Origin, calls: TenantCalls): Promise<void>;
  /** Refuses in the same way where it is known that nothing is left, without a look at the database. */
  requireRoom(origin: Origin, of: { budget: CallBudget; tenantId: string }): void;
  /** What a request's answer says of the budget that it was counted in. */
  headersOf(origin: Origin, status: number): Record<string, string>;
};

type ApiCallParts = { counter: CallCounter; metrics: Metrics; log: Log };

/**
 * Holds tenants to their budgets of calls. A budget that cannot be asked holds nobody up: the call goes on uncounted,
 * with a warning and a metric.
 */
export function createApiCalls({ counter, metrics, log }: ApiCallParts): ApiCalls {
  /** Of each request the count that leaves the least. */
  const counts = new WeakMap<Origin, CallCount>();

  function judge(origin: Origin, count: CallCount): void {
    const { budget, allowed, remaining, retryAfterSeconds } = count;
    const before = counts.get(origin);
    if (!before || (before.retryAfterSeconds === null && remaining <= before.remaining))
      counts.set(origin, count);
    if (retryAfterSeconds === null) return;
    counts.set(origin, count);
    metrics.countLimitedCall(budget);
    throw new Refusal('RATE_LIMITED', sayLimit(count), { budget, allowed, retryAfterSeconds });
  }

  return {
    async take(origin, { allowed, ...calls }) {
      if (allowed === null) return;
      this.requireRoom(origin, calls);
      let count: CallCount;
      try {
        count = await counter.count({ ...calls, allowed });
      } catch (error) {
        metrics.countUncountedCall(calls.budget);
        log.warn({ err: error, requestId: origin.requestId }, 'a call went on uncounted');
        return;
      }
      judge(origin, count);
    },
    requireRoom(origin, { budget, tenantId }) {
      const known = counter.recall(budget, tenantId);
      if (known) judge(origin, known);
    },
    headersOf(origin, status) {
      const count = counts.get(origin);
      return count ? rateLimitHeaders(count, status) : {};
    },
  };
}

function sayLimit({ allowed, retryAfterSeconds }: CallCount): string {
  return `this tenant may make ${allowed} calls in any 15 minutes: try again in ${retryAfterSeconds} seconds`;
}

/**
 * The same database, where whoever opens a scope as a person is counted before it does anything: once a `request`, or
 * each time (a `procedure`, of which a request may hold many). A transaction that is run again was counted.
 */
export function countSessions(db: Database, calls: ApiCalls, each: 'request' | 'procedure'): Database {
  const counted = new WeakMap<Origin, Promise<void>>();
  return {
    ...db,
    async inSession(entry, work) {
      const { origin, tenantId } = entry;
      let counting = each === 'request' ? counted.get(origin) : undefined;
      if (!counting) calls.requireRoom(origin, { budget: 'people', tenantId });
      return db.inSession(entry, async (scope) => {
        const { limitApiCalls: allowed } = scope.tenant;
        counting ??= calls.take(origin, { budget: 'people', tenantId, allowed, calls: 1 });
        if (each === 'request') counted.set(origin, counting);
        await counting;
        return work(scope);
      });
    },
  };
}
