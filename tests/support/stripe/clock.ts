import { attempt, dropPending, end, incompleteSeconds, itemOf, renew } from './subscriptions.ts';
import { emit, type State } from './state.ts';

type Due = { at: number; run: () => void };

/** Lets Stripe's time pass: renewals, trial ends, collections, retries and ends happen, each at its moment. */
export function advance(state: State, to: number): void {
  for (;;) {
    const next = findDue(state)
      .filter(({ at }) => at <= to)
      .toSorted((a, b) => a.at - b.at)[0];
    if (!next) break;
    state.now = Math.max(state.now, next.at);
    next.run();
  }
  state.now = Math.max(state.now, to);
}

function findDue(state: State): Due[] {
  const due: Due[] = [];
  for (const subscription of state.subscriptions.values()) {
    if (subscription.ended_at !== null || subscription.status === 'incomplete_expired') continue;
    const { pending_update: pending, cancel_at: cancelAt, status } = subscription;
    if (cancelAt !== null && !subscription.cancel_at_period_end) {
      due.push({ at: cancelAt, run: () => end(state, subscription) });
    }
    if (pending) due.push({ at: pending.expires_at, run: () => dropPending(state, subscription) });
    if (status === 'incomplete') {
      const at = subscription.created + incompleteSeconds;
      due.push({ at, run: () => expire(state, subscription) });
    } else {
      due.push({ at: itemOf(subscription).current_period_end, run: () => renew(state, subscription) });
    }
  }
  for (const invoice of state.invoices.values()) {
    const at = invoice.automatically_finalizes_at ?? invoice.next_payment_attempt;
    if (at !== null) due.push({ at, run: () => void attempt(state, invoice) });
  }
  return due;
}

function expire(state: State, subscription: { status: string; ended_at: number | null }): void {
  subscription.status = 'incomplete_expired';
  subscription.ended_at = state.now;
  emit(state, 'customer.subscription.updated', subscription);
}
