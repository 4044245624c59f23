import type { Plan } from '../plans/catalogue.ts';
import type { Subscription } from './subscription.ts';

/** What was decided here about a tenant that has a subscription. */
export type Wish = {
  plan: Plan;
  /** The plan that begins with the next period. */
  scheduled: Plan | null;
  /** Whether what was scheduled has just been taken back. */
  takenBack: boolean;
};

/** What has to be done at the provider, so that it bills what was decided here. */
export type Alignment =
  | { do: 'nothing' | 'end_now' | 'end_with_period' | 'unschedule' | 'go_on' }
  | { do: 'change'; plan: Plan; when: 'now' | 'period_end' };

/** How a subscription has to change. What an enterprise tenant pays is its contract's, and for people to look at. */
export function alignmentOf({ plan, scheduled, takenBack }: Wish, subscription: Subscription): Alignment {
  const { bought, scheduled: coming, cancelAtPeriodEnd } = subscription;
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
