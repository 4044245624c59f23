import type { Plan } from '../plans/catalogue.ts';
import type { Subscription } from './subscription.ts';

/** What was decided here about a tenant that has a subscription. */
export type Wish = {
  plan: Plan;
  /** The plan that begins with the next period. */
  scheduled: Plan | null;
  /** Whether what was scheduled has just been taken back. */
  takenBack: boolean;
  /** When its tenant leaves, in real time; `null`: it does not. */
  leavesAt: Date | null;
};

/** What has to be done at the provider, so that it bills what was decided here. */
export type Alignment =
  | { do: 'nothing' | 'end_now' | 'end_with_period' | 'unschedule' | 'go_on' }
  | { do: 'end_at'; at: Date }
  | { do: 'change'; plan: Plan; when: 'now' | 'period_end' };

/**
 * How a subscription has to change, `now`. It ends with its tenant, whatever it is for. What else an enterprise tenant
 * pays is its contract's, and for people to look at.
 */
export function alignmentOf(wish: Wish, subscription: Subscription, now: Date): Alignment {
  const { plan, scheduled, takenBack, leavesAt } = wish;
  const { bought, scheduled: coming, cancelAt, cancelAtPeriodEnd } = subscription;
  if (leavesAt !== null && leavesAt <= now) return { do: 'end_now' };
  if (leavesAt !== null) {
    const isSet = Math.abs((cancelAt?.getTime() ?? 0) - leavesAt.getTime()) < 1000;
    return isSet ? { do: 'nothing' } : { do: 'end_at', at: leavesAt };
  }
  if (takenBack && cancelAt && !cancelAtPeriodEnd) return { do: 'go_on' };
  if (plan === 'enterprise' || !bought) return { do: 'nothing' };
  if (plan === 'free') return { do: 'end_now' };
  // What was scheduled there for this moment is about to happen there, too.
  if (plan !== bought.plan && plan === coming?.plan) return { do: 'nothing' };
  if (plan !== bought.plan) return { do: 'change', plan, when: 'now' };
  if (scheduled === 'free') return { do: cancelAtPeriodEnd ? 'nothing' : 'end_with_period' };
  if (scheduled !== null && scheduled !== coming?.plan)
    return { do: 'change', plan: scheduled, when: 'period_end' };
  if (scheduled === null && coming) return { do: 'unschedule' };
  return { do: takenBack && cancelAtPeriodEnd ? 'go_on' : 'nothing' };
}
