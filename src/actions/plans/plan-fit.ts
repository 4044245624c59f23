import { downgradeRules, type LimitName, limitNames } from '../../domain/plans/catalogue.ts';
import { type Entitled, entitlements, limitReached, type Use } from '../../domain/plans/entitlements.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { TenantScope } from '../../db/scope.ts';
import { readUsage } from './counting.ts';

/** What of a tenant does not fit what it would be entitled to. */
export type Misfit = Use & { allowed: number };

/**
 * What does not fit: `blocking` has to be reduced before, `graced` may stay and lets no new writes in. API calls are over
 * by themselves.
 */
export async function findMisfits(
  scope: TenantScope,
  to: Entitled,
): Promise<{ blocking: Misfit[]; graced: Misfit[] }> {
  const usage: Partial<Record<LimitName, number>> = await readUsage(scope);
  const { limits } = entitlements(to);
  const misfits = limitNames.flatMap((limit): Misfit[] => {
    const [allowed, used] = [limits[limit], usage[limit] ?? 0];
    return allowed !== null && used > allowed ? [{ limit, allowed, used }] : [];
  });
  const ruledBy = (rule: 'block' | 'grace') => misfits.filter(({ limit }) => downgradeRules[limit] === rule);
  return { blocking: ruledBy('block'), graced: ruledBy('grace') };
}

/** Refuses with `PLAN_LIMIT_REACHED` and all that is over (`over`) a change that the tenant does not fit. */
export async function requireFit(scope: TenantScope, to: Entitled): Promise<Misfit[]> {
  const { blocking, graced } = await findMisfits(scope, to);
  const [first] = blocking;
  if (!first) return graced;
  const { data } = limitReached(to, first, 0);
  const list = blocking.map(({ limit, allowed, used }) => `${limit}: ${used} of ${allowed}`).join(', ');
  throw new Refusal('PLAN_LIMIT_REACHED', `this tenant uses more than it would be allowed (${list})`, {
    ...data,
    over: blocking.map(({ limit }) => limit),
  });
}
