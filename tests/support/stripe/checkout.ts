import type { Endpoint } from './endpoint.ts';
import { formsOf, numberOf, partOf, textOf } from './form.ts';
import type { StripeSession } from './objects.ts';
import { createSubscription } from './subscriptions.ts';
import { emit, find, type State, stripeId, StripeRefusal } from './state.ts';

const twoDays = 2 * 24 * 3_600;

/** Checkout and portal sessions. */
export const checkoutEndpoints: Readonly<Record<string, Endpoint>> = {
  'GET /v1/checkout/sessions': ({ state, form }) => {
    const customer = textOf(form, 'customer');
    const status = textOf(form, 'status');
    const data = [...state.sessions.values()].filter(
      (session) => session.customer === customer && (status === undefined || session.status === status),
    );
    return { object: 'list', data, has_more: false, url: '/v1/checkout/sessions' };
  },
  'POST /v1/checkout/sessions': ({ state, form }) => {
    const customer = find(state.customers, textOf(form, 'customer') ?? '', 'customer');
    const price = textOf(formsOf(form, 'line_items')[0] ?? {}, 'price') ?? '';
    const trialEnd = numberOf(partOf(form, 'subscription_data'), 'trial_end') ?? null;
    if (trialEnd !== null && trialEnd < state.now + twoDays) {
      throw new StripeRefusal('The `trial_end` date has to be at least 2 days in the future.');
    }
    const id = stripeId('cs_test');
    const session: StripeSession = {
      id,
      object: 'checkout.session',
      status: 'open',
      mode: 'subscription',
      customer: customer.id,
      subscription: null,
      url: `https://checkout.stripe.test/c/pay/${id}`,
      success_url: textOf(form, 'success_url') ?? '',
      price: find(state.prices, price, 'price').id,
      trialEnd,
    };
    state.sessions.set(id, session);
    return session;
  },
  'POST /v1/checkout/sessions/:id/expire': ({ state, id }) => {
    const session = find(state.sessions, id, 'checkout session');
    if (session.status !== 'open')
      throw new StripeRefusal('Only Checkout Sessions with a status of open can be expired.');
    session.status = 'expired';
    session.url = null;
    emit(state, 'checkout.session.expired', session);
    return session;
  },
  'POST /v1/billing_portal/sessions': ({ state, form }) => {
    const customer = find(state.customers, textOf(form, 'customer') ?? '', 'customer');
    const id = stripeId('bps');
    return {
      id,
      object: 'billing_portal.session',
      customer: customer.id,
      url: `https://billing.stripe.test/p/session/${id}`,
    };
  },
};

/** Somebody fills in the page and pays, with a card that will pay as well later, or will not. */
export function completeCheckout(state: State, url: string): StripeSession {
  const session = find(state.sessions, url.split('/').at(-1) ?? '', 'checkout session');
  if (session.status !== 'open') throw new StripeRefusal(`this checkout is ${session.status}`);
  const { customer, trialEnd } = session;
  find(state.customers, customer, 'customer').card = 'pays';
  const price = find(state.prices, session.price, 'price');
  const subscription = createSubscription(state, { customer, price, trialEnd });
  Object.assign(session, { status: 'complete', subscription: subscription.id, url: null });
  emit(state, 'checkout.session.completed', session);
  return session;
}
