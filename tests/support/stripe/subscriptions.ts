import { collect, createInvoice, finalize, voidInvoice } from './invoices.ts';
import type { StripeInvoice, StripeItem, StripePrice, StripeSubscription } from './objects.ts';
import { nextPeriodEnd, periodEnd } from './periods.ts';
import { lineOf, prorate } from './proration.ts';
import { emit, find, type State, stripeId, StripeRefusal } from './state.ts';

const day = 24 * 3_600;
const pendingSeconds = 23 * 3_600;

/** The one item of a subscription. */
export const itemOf = (subscription: StripeSubscription): StripeItem => subscription.items.data[0];

/** Begins a subscription: with a trial nothing is charged yet, else the first period at once. */
export function createSubscription(
  state: State,
  { customer, price, trialEnd }: { customer: string; price: StripePrice; trialEnd: number | null },
): StripeSubscription {
  const anchor = trialEnd ?? state.now;
  const end = trialEnd ?? periodEnd(anchor, price.recurring.interval, 1);
  const item: StripeItem = {
    id: stripeId('si'),
    object: 'subscription_item',
    price,
    quantity: 1,
    current_period_start: state.now,
    current_period_end: end,
  };
  const subscription: StripeSubscription = {
    id: stripeId('sub'),
    object: 'subscription',
    customer,
    status: trialEnd === null ? 'incomplete' : 'trialing',
    currency: price.currency,
    created: state.now,
    billing_cycle_anchor: anchor,
    items: { object: 'list', data: [item], has_more: false },
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    trial_end: trialEnd,
    latest_invoice: null,
    pending_update: null,
    schedule: null,
    metadata: {},
  };
  state.subscriptions.set(subscription.id, subscription);
  emit(state, 'customer.subscription.created', subscription);
  const amount = trialEnd === null ? price.unit_amount : 0;
  bill(state, subscription, { amount, reason: 'subscription_create' });
  return subscription;
}

/** Bills the period at hand. */
export function bill(
  state: State,
  subscription: StripeSubscription,
  { amount, reason, draft = false }: { amount: number; reason: string; draft?: boolean },
): void {
  const { price, current_period_start: start, current_period_end: end } = itemOf(subscription);
  const line = { amount, description: `1 × ${price.product}`, start, end, proration: false };
  const lines = [lineOf(subscription, line)];
  const invoice = createInvoice(state, subscription, { lines, reason, draft });
  if (!draft) attempt(state, invoice);
}

/** Tries to collect an invoice, and lets its subscription feel it. */
export function attempt(state: State, invoice: StripeInvoice): boolean {
  finalize(state, invoice);
  const paid = collect(state, invoice);
  const subscription = subscriptionOf(state, invoice);
  if (subscription.ended_at !== null) return paid;
  if (paid) settlePaid(state, subscription, invoice);
  else settleFailed(state, subscription, invoice);
  return paid;
}

/** The subscription that an invoice bills. */
export function subscriptionOf(state: State, { parent }: StripeInvoice): StripeSubscription {
  return find(state.subscriptions, parent.subscription_details.subscription, 'subscription');
}

function settlePaid(state: State, subscription: StripeSubscription, invoice: StripeInvoice): void {
  const { pending_update: pending } = subscription;
  if (pending && subscription.latest_invoice === invoice.id && isOfUpdate(invoice)) {
    const price = pending.subscription_items[0]?.price;
    subscription.pending_update = null;
    if (price) usePrice(subscription, price, state.now);
    emit(state, 'customer.subscription.pending_update_applied', subscription);
    emit(state, 'customer.subscription.updated', subscription);
    return;
  }
  if (['incomplete', 'past_due', 'unpaid'].includes(subscription.status)) {
    subscription.status = 'active';
    emit(state, 'customer.subscription.updated', subscription);
  }
}

function settleFailed(state: State, subscription: StripeSubscription, invoice: StripeInvoice): void {
  if (isOfUpdate(invoice)) {
    invoice.next_payment_attempt = null;
    return;
  }
  if (subscription.status === 'active' || subscription.status === 'trialing') {
    subscription.status = 'past_due';
    emit(state, 'customer.subscription.updated', subscription);
  }
  if (subscription.status === 'incomplete') invoice.next_payment_attempt = null;
  if (invoice.next_payment_attempt !== null || subscription.status === 'incomplete') return;
  if (state.afterRetries === 'cancel') end(state, subscription);
  if (state.afterRetries === 'unpaid') {
    subscription.status = 'unpaid';
    emit(state, 'customer.subscription.updated', subscription);
  }
}

const isOfUpdate = ({ billing_reason }: StripeInvoice) => billing_reason === 'subscription_update';

type PriceChange = { price: StripePrice; at: number; prorated: boolean; pendingIfUnpaid: boolean };

/** Changes the price now. One that waits for its payment leaves the subscription as it is until it is paid. */
export function changePrice(state: State, subscription: StripeSubscription, change: PriceChange): void {
  const { price, at, prorated, pendingIfUnpaid } = change;
  const item = itemOf(subscription);
  if (at < item.current_period_start || at > item.current_period_end) {
    throw new StripeRefusal('The proration date must be within the current period.');
  }
  dropPending(state, subscription);
  const lines = prorated ? prorate(subscription, price, at) : [];
  if (lines.length === 0) {
    usePrice(subscription, price, state.now);
    emit(state, 'customer.subscription.updated', subscription);
    return;
  }
  const invoice = createInvoice(state, subscription, { lines, reason: 'subscription_update' });
  const expires_at = Math.min(state.now + pendingSeconds, item.current_period_end);
  subscription.pending_update = { expires_at, subscription_items: [{ price }] };
  const paid = attempt(state, invoice);
  if (paid) return;
  if (!pendingIfUnpaid) {
    subscription.pending_update = null;
    usePrice(subscription, price, state.now);
  }
  emit(state, 'customer.subscription.updated', subscription);
}

/** Gives up an update that waits for its payment. */
export function dropPending(state: State, subscription: StripeSubscription): void {
  if (!subscription.pending_update) return;
  subscription.pending_update = null;
  const invoice = state.invoices.get(subscription.latest_invoice ?? '');
  if (invoice) voidInvoice(state, invoice);
  emit(state, 'customer.subscription.pending_update_expired', subscription);
  emit(state, 'customer.subscription.updated', subscription);
}

/** Puts the subscription on a price; one of another interval begins its period now. */
export function usePrice(subscription: StripeSubscription, price: StripePrice, now: number): void {
  const item = itemOf(subscription);
  const sameInterval = item.price.recurring.interval === price.recurring.interval;
  item.price = price;
  if (sameInterval || subscription.status === 'trialing') return;
  subscription.billing_cycle_anchor = now;
  Object.assign(item, {
    current_period_start: now,
    current_period_end: periodEnd(now, price.recurring.interval, 1),
  });
}

/** Ends a subscription for good. */
export function end(state: State, subscription: StripeSubscription): void {
  if (subscription.ended_at !== null) return;
  subscription.status = 'canceled';
  subscription.canceled_at ??= state.now;
  subscription.ended_at = state.now;
  if (subscription.pending_update) dropPending(state, subscription);
  subscription.schedule = null;
  const invoice = state.invoices.get(subscription.latest_invoice ?? '');
  if (invoice?.status === 'open' || invoice?.status === 'draft') invoice.next_payment_attempt = null;
  emit(state, 'customer.subscription.deleted', subscription);
}

/** The period is over: the next begins, billed in an hour, or the subscription ends. */
export function renew(state: State, subscription: StripeSubscription): void {
  if (subscription.cancel_at_period_end) return end(state, subscription);
  dropPending(state, subscription);
  const item = itemOf(subscription);
  const { current_period_end: start } = item;
  moveToNextPhase(state, subscription, start);
  item.current_period_start = start;
  item.current_period_end = nextPeriodEnd(
    subscription.billing_cycle_anchor,
    item.price.recurring.interval,
    start,
  );
  if (subscription.status === 'trialing') subscription.status = 'active';
  const amount = item.price.unit_amount;
  bill(state, subscription, { amount, reason: 'subscription_cycle', draft: true });
  if (subscription.status === 'unpaid') {
    const invoice = state.invoices.get(subscription.latest_invoice ?? '');
    if (invoice) Object.assign(invoice, { automatically_finalizes_at: null, next_payment_attempt: null });
  }
  emit(state, 'customer.subscription.updated', subscription);
}

/** How long a first payment may be open before the subscription is given up. */
export const incompleteSeconds = day - 3_600;

function moveToNextPhase(state: State, subscription: StripeSubscription, at: number): void {
  const schedule = subscription.schedule === null ? undefined : state.schedules.get(subscription.schedule);
  const phase = schedule?.phases.find(({ start_date }) => start_date === at);
  if (!schedule) return;
  const price = phase?.items[0]?.price;
  if (price !== undefined) {
    const next = find(state.prices, price, 'price');
    const sameInterval = itemOf(subscription).price.recurring.interval === next.recurring.interval;
    itemOf(subscription).price = next;
    if (!sameInterval) subscription.billing_cycle_anchor = at;
  }
  schedule.current_phase = phase ? { start_date: phase.start_date, end_date: phase.end_date } : null;
  if (phase) return;
  schedule.status = 'released';
  subscription.schedule = null;
}
