import { Stripe } from 'stripe';
import { completeCheckout } from './checkout.ts';
import { advance } from './clock.ts';
import { endpoints } from './endpoints.ts';
import type { StripeEvent } from './objects.ts';
import { serveStripe } from './server.ts';
import { attempt } from './subscriptions.ts';
import { type AfterRetries, emit, emptyState, find, type State, stripeId } from './state.ts';

type Sending = {
  /** Signed with another secret. */
  secret?: string;
  /** Signed so long ago. */
  ageSeconds?: number;
};

const secretKey = 'sk_test_local';
const webhookSecret = 'whsec_local';
const day = 86_400;

/**
 * A Stripe of our own on 127.0.0.1, with a clock that is moved by hand: it remembers, bills, retries and signs as
 * Stripe documents it. It is a simulator: `tests/billing/contract.test.ts` runs the same against the real one. Its events
 * wait until they are sent, in any order, as often as one likes, or never.
 */
export async function startLocalStripe(options: { port?: number; now?: Date } = {}) {
  const state = emptyState(options.now ?? new Date());
  const server = await serveStripe(state, { secretKey, ...options });
  const { webhooks } = new Stripe(secretKey);
  let sent = 0;
  let target: string | null = null;

  async function post(event: StripeEvent, { secret = webhookSecret, ageSeconds = 0 }: Sending = {}) {
    if (target === null) throw new Error('nobody listens');
    const payload = JSON.stringify(event);
    const timestamp = Math.floor(Date.now() / 1000) - ageSeconds;
    const signature = webhooks.generateTestHeaderString({ payload, secret, timestamp });
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    const response = await fetch(target, { method: 'POST', body: payload, headers });
    return { status: response.status, text: await response.text() };
  }

  return {
    ...server,
    state,
    secretKey,
    webhookSecret,
    /** What a service needs to be told. */
    env: { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_BASE: server.url },
    listen: (url: string) => {
      target = url;
    },
    post,
    /** The events since the last time, oldest first. */
    take: (): StripeEvent[] => {
      const fresh = state.events.slice(sent);
      sent = state.events.length;
      return fresh;
    },
    /** Sends what is new, in order. */
    async flush() {
      for (const event of this.take()) await post(event);
    },
    ...actionsOf(state),
  };
}

export type LocalStripe = Awaited<ReturnType<typeof startLocalStripe>>;

/** What people and banks do. */
function actionsOf(state: State) {
  return {
    /** Fills in a checkout page, and pays. */
    pay: (url: string) => completeCheckout(state, url),
    /** From now on the customer's card pays, or does not. */
    setCard: (customer: string, card: 'pays' | 'declines') => {
      find(state.customers, customer, 'customer').card = card;
    },
    /** The customer pays the latest invoice in the portal. */
    payLatest: (subscriptionId: string) => {
      const { latest_invoice: id } = find(state.subscriptions, subscriptionId, 'subscription');
      return attempt(state, find(state.invoices, id ?? '', 'invoice'));
    },
    advanceDays: (days: number) => advance(state, state.now + days * day),
    advanceTo: (moment: Date) => advance(state, Math.floor(moment.getTime() / 1000)),
    afterRetries: (what: AfterRetries) => {
      state.afterRetries = what;
    },
    /** Any endpoint, as the dashboard would call it. */
    call: (name: string, id: string, form = {}) => endpoints[name]?.({ state, id, form }),
    /** A status that nobody has heard of, or any other. */
    setStatus: (subscriptionId: string, status: string) => {
      const subscription = find(state.subscriptions, subscriptionId, 'subscription');
      subscription.status = status;
      emit(state, 'customer.subscription.updated', subscription);
    },
    refund: (customer: string) => {
      const charge = chargeOf(state, customer);
      Object.assign(charge, { amount_refunded: charge.amount, refunded: true });
      emit(state, 'charge.refunded', charge);
    },
    dispute: (customer: string) => {
      const charge = chargeOf(state, customer);
      const dispute = {
        id: stripeId('du'),
        object: 'dispute',
        charge: charge.id,
        amount: charge.amount,
        status: 'needs_response',
      } as const;
      state.disputes.set(dispute.id, dispute);
      emit(state, 'charge.dispute.created', dispute);
    },
  };
}

function chargeOf(state: State, customer: string) {
  const charge = [...state.charges.values()].findLast((each) => each.customer === customer);
  if (!charge) throw new Error('this customer was never charged');
  return charge;
}
