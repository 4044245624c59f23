import type { Stripe } from 'stripe';
import type { BillingGateway, NewCheckout } from '../../domain/billing/gateway.ts';
import { secondsOf } from './stripe-reading.ts';
import type { StripePrices } from './stripe-prices.ts';

type NewCustomer = Parameters<BillingGateway['ensureCustomer']>[0];

/** The customer of a tenant: found by its address and the tenant's id, or made. */
export async function ensureStripeCustomer(stripe: Stripe, customer: NewCustomer): Promise<string> {
  const { tenantId, name, email, idempotencyKey } = customer;
  for await (const found of stripe.customers.list({ email, limit: 100 })) {
    if (found.metadata['tenantId'] === tenantId) return found.id;
  }
  const made = await stripe.customers.create({ name, email, metadata: { tenantId } }, { idempotencyKey });
  return made.id;
}

/** A page where the plan is paid. Those opened before are closed, so that nobody pays twice. */
export async function createStripeCheckout(
  stripe: Stripe,
  prices: StripePrices,
  checkout: NewCheckout,
): Promise<string> {
  const { customerId: customer, plan, version, interval, currency, trialEnd } = checkout;
  const price = await prices.idOf({ plan, planVersion: version, interval, currency });
  const before = await stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 });
  const session = await stripe.checkout.sessions.create(
    {
      mode: 'subscription',
      customer,
      line_items: [{ price, quantity: 1 }],
      success_url: checkout.successUrl,
      cancel_url: checkout.cancelUrl,
      ...(trialEnd ? { subscription_data: { trial_end: secondsOf(trialEnd) } } : {}),
    },
    { idempotencyKey: checkout.idempotencyKey },
  );
  for (const { id } of before.data) {
    if (id !== session.id) await expire(stripe, id, checkout.idempotencyKey);
  }
  if (session.url === null) throw new Error(`the checkout session ${session.id} has no page`);
  return session.url;
}

async function expire(stripe: Stripe, sessionId: string, key: string): Promise<void> {
  await stripe.checkout.sessions.expire(sessionId, {}, { idempotencyKey: `${key}:expire:${sessionId}` });
}
