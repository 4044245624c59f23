import type { Stripe } from 'stripe';
import type { ComingChange, Invoice, Subscription } from '../../domain/billing/subscription.ts';
import { readPrice } from './stripe-prices.ts';

/** What must come with a subscription, so that it can be read. */
export const subscriptionParts = ['latest_invoice', 'schedule.phases.items.price'];

/** A moment of Stripe: seconds since 1970. */
export function momentOf(seconds: number): Date;
export function momentOf(seconds: number | null | undefined): Date | null;
export function momentOf(seconds: number | null | undefined): Date | null {
  return typeof seconds === 'number' ? new Date(seconds * 1000) : null;
}

/** A moment in Stripe's seconds. */
export function secondsOf(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}

/** The id of what Stripe gives as an id or as a whole. */
export function idOf(thing: string | { id: string }): string {
  return typeof thing === 'string' ? thing : thing.id;
}

/** The one item of a subscription: ours have no other. */
export function itemOf({ id, items }: Pick<Stripe.Subscription, 'id' | 'items'>): Stripe.SubscriptionItem {
  const [item] = items.data;
  if (!item) throw new Error(`the subscription ${id} has no item`);
  return item;
}

/** A subscription in our words. */
export function readSubscription(subscription: Stripe.Subscription): Subscription {
  const item = itemOf(subscription);
  const { latest_invoice: invoice } = subscription;
  return {
    id: subscription.id,
    customerId: idOf(subscription.customer),
    status: subscription.status,
    bought: readPrice(item.price),
    createdAt: momentOf(subscription.created),
    anchorAt: momentOf(subscription.billing_cycle_anchor),
    currentPeriodStart: momentOf(item.current_period_start),
    currentPeriodEnd: momentOf(item.current_period_end),
    cancelAt: momentOf(subscription.cancel_at),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelledAt: momentOf(subscription.canceled_at),
    trialEnd: momentOf(subscription.trial_end),
    latestInvoice: invoice && typeof invoice !== 'string' ? readInvoice(invoice) : null,
    pendingUpdate: readPending(subscription),
    scheduled: readScheduled(subscription),
  };
}

function readInvoice(invoice: Stripe.Invoice): Invoice {
  return {
    id: invoice.id,
    status: invoice.status ?? 'draft',
    amountDue: invoice.amount_due,
    currency: invoice.currency,
    attemptCount: invoice.attempt_count,
    nextAttemptAt: momentOf(invoice.next_payment_attempt),
    paidAt: momentOf(invoice.status_transitions.paid_at),
  };
}

function readPending({ pending_update: pending }: Stripe.Subscription): ComingChange | null {
  const bought = pending?.subscription_items?.map(({ price }) => readPrice(price)).find((price) => price);
  if (!pending || !bought) return null;
  return changeTo(bought, momentOf(pending.expires_at));
}

function readScheduled({ schedule }: Stripe.Subscription): ComingChange | null {
  if (!schedule || typeof schedule === 'string') return null;
  const after = schedule.current_phase?.end_date;
  const next = schedule.phases.find(({ start_date }) => after !== undefined && start_date >= after);
  const price = next?.items[0]?.price;
  const bought = price && typeof price === 'object' && !('deleted' in price) ? readPrice(price) : null;
  return next && bought ? changeTo(bought, momentOf(next.start_date)) : null;
}

function changeTo({ plan, planVersion, interval }: Omit<ComingChange, 'at'>, at: Date): ComingChange {
  return { plan, planVersion, interval, at };
}
