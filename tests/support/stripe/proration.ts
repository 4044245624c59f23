import type { StripeLine, StripePrice, StripeSubscription } from './objects.ts';
import { periodEnd } from './periods.ts';
import { stripeId } from './state.ts';

/** A line of an invoice. */
export function lineOf(
  subscription: Pick<StripeSubscription, 'id' | 'currency'>,
  line: { amount: number; description: string; start: number; end: number; proration: boolean },
): StripeLine {
  const { amount, description, start, end, proration } = line;
  return {
    id: stripeId('il'),
    object: 'line_item',
    amount,
    currency: subscription.currency,
    description,
    period: { start, end },
    parent: {
      type: 'subscription_item_details',
      invoice_item_details: null,
      subscription_item_details: { proration, subscription: subscription.id },
    },
  };
}

/**
 * What a change of price bills at a moment: to the second, the unused time of the old price is credited and the time
 * that is left is charged at the new one. A price of another interval begins a period of its own, paid in full.
 */
export function prorate(subscription: StripeSubscription, to: StripePrice, at: number): StripeLine[] {
  const [item] = subscription.items.data;
  const { current_period_start: start, current_period_end: end, price: from } = item;
  if (subscription.status === 'trialing') return [];
  const left = (end - at) / (end - start);
  const credit = lineOf(subscription, {
    amount: -Math.round(from.unit_amount * left),
    description: `Unused time on ${from.product}`,
    start: at,
    end,
    proration: true,
  });
  if (from.recurring.interval === to.recurring.interval) {
    const amount = Math.round(to.unit_amount * left);
    const description = `Remaining time on ${to.product}`;
    return [credit, lineOf(subscription, { amount, description, start: at, end, proration: true })];
  }
  const whole = { amount: to.unit_amount, description: `1 × ${to.product}`, proration: false };
  const until = periodEnd(at, to.recurring.interval, 1);
  return [credit, lineOf(subscription, { ...whole, start: at, end: until })];
}

/** What is to be paid, and what credit is left: a balance below zero is a credit. */
export function settle(lines: readonly StripeLine[], balance: number) {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  const due = total + balance;
  return { total, amountDue: Math.max(0, due), balance: Math.min(0, due) };
}
