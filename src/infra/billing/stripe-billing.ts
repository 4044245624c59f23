import type { Stripe } from 'stripe';
import type { BillingGateway, CustomerStanding } from '../../domain/billing/gateway.ts';
import { chooseSubscription, hasEnded, type Subscription } from '../../domain/billing/subscription.ts';
import { changeStripePlan, type Changing, previewStripeChange, releaseSchedule } from './stripe-changes.ts';
import { createStripeCheckout, ensureStripeCustomer } from './stripe-checkout.ts';
import { asking, askingFor, createStripeClient, type StripeOptions } from './stripe-client.ts';
import { listStripeEvents, readStripeEvent } from './stripe-events.ts';
import { createStripePrices } from './stripe-prices.ts';
import { idOf, readSubscription, secondsOf, subscriptionParts } from './stripe-reading.ts';

/** Billing with Stripe, by its own SDK. */
export function createStripeBilling(
  options: StripeOptions,
  now: () => Date = () => new Date(),
): BillingGateway {
  const stripe = createStripeClient(options);
  const prices = createStripePrices(stripe);
  const { webhookSecrets: secrets } = options;
  return {
    ensureCustomer: (customer) => asking(() => ensureStripeCustomer(stripe, customer)),
    createCheckout: (checkout) => asking(() => createStripeCheckout(stripe, prices, checkout)),
    portalUrl: ({ customerId: customer, returnUrl: return_url, idempotencyKey }) =>
      asking(async () => {
        const sessions = stripe.billingPortal.sessions;
        return (await sessions.create({ customer, return_url }, { idempotencyKey })).url;
      }),
    getSubscription: (id) => askingFor(() => read(stripe, id)),
    findSubscription: (customerId) =>
      asking(async () => (await readCustomer(stripe, customerId)).subscription),
    readCustomer: (customerId) => asking(() => readCustomer(stripe, customerId)),
    ...changesOf({ stripe, prices, now }),
    listEventsSince: (since) => asking(() => listStripeEvents(stripe, since)),
    findDisputedCustomer: (disputeId) => asking(() => findDisputedCustomer(stripe, disputeId)),
    readEvent: (rawBody, signature) => readStripeEvent(stripe, { rawBody, signature, secrets }),
  };
}

type Changes = Pick<
  BillingGateway,
  'previewChange' | 'changePlan' | 'cancelScheduledChange' | 'cancelAt' | 'undoCancel' | 'cancelNow'
>;

/** What changes a subscription; each answers with how it is then. */
function changesOf(changing: Changing): Changes {
  const { stripe } = changing;
  const { subscriptions } = stripe;
  const change = (id: string, work: (now: Stripe.Subscription) => Promise<unknown>) =>
    asking(async () => {
      await work(await subscriptions.retrieve(id));
      return read(stripe, id);
    });
  return {
    previewChange: (order) => asking(() => previewStripeChange(changing, order)),
    changePlan: (order) => change(order.subscriptionId, () => changeStripePlan(changing, order)),
    cancelScheduledChange: ({ subscriptionId, idempotencyKey }) =>
      change(subscriptionId, (subscription) => releaseSchedule(stripe, subscription, idempotencyKey)),
    cancelAt: ({ subscriptionId, at, idempotencyKey }) =>
      change(subscriptionId, async (subscription) => {
        await releaseSchedule(stripe, subscription, idempotencyKey);
        const end = at === 'period_end' ? { cancel_at_period_end: true } : { cancel_at: secondsOf(at) };
        const how = { ...end, proration_behavior: 'none' } as const;
        await subscriptions.update(subscriptionId, how, { idempotencyKey });
      }),
    undoCancel: ({ subscriptionId, idempotencyKey }) =>
      change(subscriptionId, async (subscription) => {
        if (subscription.status === 'canceled') return;
        const undo = subscription.cancel_at_period_end
          ? { cancel_at_period_end: false }
          : { cancel_at: '' as const };
        if (subscription.cancel_at === null && !subscription.cancel_at_period_end) return;
        await subscriptions.update(subscriptionId, undo, { idempotencyKey });
      }),
    cancelNow: ({ subscriptionId, idempotencyKey }) =>
      change(subscriptionId, async (subscription) => {
        if (hasEnded(subscription)) return;
        await subscriptions.cancel(subscriptionId, {}, { idempotencyKey });
      }),
  };
}

async function read(stripe: Stripe, id: string): Promise<Subscription> {
  return readSubscription(await stripe.subscriptions.retrieve(id, { expand: subscriptionParts }));
}

async function readCustomer(stripe: Stripe, customerId: string): Promise<CustomerStanding> {
  // One that was deleted is still known as such; one that is not known is another account's, by a key that is wrong.
  const customer = await stripe.customers.retrieve(customerId);
  const all = (await askingFor(() => listSubscriptions(stripe, customerId))) ?? [];
  const subscription = chooseSubscription(all.map(({ reading }) => reading));
  const strays = all.filter(
    ({ reading }) => reading !== subscription && !hasEnded(reading) && reading.status !== 'incomplete',
  );
  // A list does not reach as deep as what is scheduled.
  const isWhole = !all.some(({ reading, hasSchedule }) => reading === subscription && hasSchedule);
  return {
    deleted: customer.deleted === true,
    subscription: isWhole || !subscription ? subscription : await read(stripe, subscription.id),
    strays: strays.map(({ reading }) => reading.id),
  };
}

/** Every subscription that a customer has or had, of a deleted one those that ended with it. */
async function listSubscriptions(stripe: Stripe, customer: string) {
  const found: { reading: Subscription; hasSchedule: boolean }[] = [];
  const query = { customer, status: 'all' as const, limit: 100, expand: ['data.latest_invoice'] };
  for await (const subscription of stripe.subscriptions.list(query)) {
    found.push({ reading: readSubscription(subscription), hasSchedule: subscription.schedule !== null });
  }
  return found;
}

async function findDisputedCustomer(stripe: Stripe, disputeId: string): Promise<string | null> {
  const dispute = await askingFor(() => stripe.disputes.retrieve(disputeId, { expand: ['charge'] }));
  const charge = dispute?.charge;
  return charge && typeof charge !== 'string' && charge.customer ? idOf(charge.customer) : null;
}
