import { type Endpoint, page } from './endpoint.ts';
import { type Form, formsOf, numberOf, partOf, textOf } from './form.ts';
import type { StripePhase, StripeSubscription } from './objects.ts';
import { periodEnd } from './periods.ts';
import { lineOf, prorate, settle } from './proration.ts';
import { changePrice, createSubscription, end, itemOf } from './subscriptions.ts';
import { emit, find, type State, stripeId, StripeRefusal } from './state.ts';

/** Subscriptions, their schedules, and what a change would cost. */
export const subscriptionEndpoints: Readonly<Record<string, Endpoint>> = {
  'GET /v1/subscriptions': ({ state, form }) => {
    const customer = textOf(form, 'customer');
    const all = [...state.subscriptions.values()].filter(
      (subscription) => subscription.customer === customer,
    );
    return page(all.toReversed(), form);
  },
  'POST /v1/subscriptions': ({ state, form }) =>
    createSubscription(state, {
      customer: find(state.customers, textOf(form, 'customer') ?? '', 'customer').id,
      price: find(state.prices, textOf(formsOf(form, 'items')[0] ?? {}, 'price') ?? '', 'price'),
      trialEnd: numberOf(form, 'trial_end') ?? null,
    }),
  'GET /v1/subscriptions/:id': ({ state, id }) => find(state.subscriptions, id, 'subscription'),
  'POST /v1/subscriptions/:id': ({ state, form, id }) => {
    const subscription = living(state, id);
    if (form['cancel_at'] !== undefined || form['cancel_at_period_end'] !== undefined) {
      changeEnd(state, subscription, form);
    }
    const price = textOf(formsOf(form, 'items')[0] ?? {}, 'price');
    if (price === undefined) return subscription;
    changePrice(state, subscription, {
      price: find(state.prices, price, 'price'),
      at: numberOf(form, 'proration_date') ?? state.now,
      prorated: textOf(form, 'proration_behavior') === 'always_invoice',
      pendingIfUnpaid: textOf(form, 'payment_behavior') === 'pending_if_incomplete',
    });
    return subscription;
  },
  'DELETE /v1/subscriptions/:id': ({ state, id }) => {
    const subscription = living(state, id);
    end(state, subscription);
    return subscription;
  },
  'POST /v1/subscription_schedules': ({ state, form }) => {
    const subscription = living(state, textOf(form, 'from_subscription') ?? '');
    if (subscription.schedule !== null) throw new StripeRefusal('This subscription has a schedule already.');
    const { price, current_period_start: start_date, current_period_end: end_date } = itemOf(subscription);
    const schedule = {
      id: stripeId('sub_sched'),
      object: 'subscription_schedule' as const,
      status: 'active' as const,
      subscription: subscription.id,
      current_phase: { start_date, end_date },
      phases: [{ start_date, end_date, items: [{ price: price.id, quantity: 1 }] }],
    };
    state.schedules.set(schedule.id, schedule);
    subscription.schedule = schedule.id;
    return schedule;
  },
  'POST /v1/subscription_schedules/:id': ({ state, form, id }) => {
    const schedule = find(state.schedules, id, 'subscription schedule');
    const phases = readPhases(state, formsOf(form, 'phases'), schedule.phases[0]?.start_date ?? 0);
    if (phases[0]?.start_date !== schedule.current_phase?.start_date) {
      throw new StripeRefusal('You can not modify the start date of the current phase.');
    }
    schedule.phases = phases;
    emit(state, 'subscription_schedule.updated', schedule);
    return schedule;
  },
  'POST /v1/subscription_schedules/:id/release': ({ state, id }) => {
    const schedule = find(state.schedules, id, 'subscription schedule');
    if (schedule.status !== 'active') throw new StripeRefusal(`The schedule is ${schedule.status}.`);
    schedule.status = 'released';
    const subscription = find(state.subscriptions, schedule.subscription, 'subscription');
    subscription.schedule = null;
    emit(state, 'customer.subscription.updated', subscription);
    return schedule;
  },
  'POST /v1/invoices/create_preview': ({ state, form }) => {
    const subscription = living(state, textOf(form, 'subscription') ?? '');
    const details = partOf(form, 'subscription_details');
    const price = find(state.prices, textOf(formsOf(details, 'items')[0] ?? {}, 'price') ?? '', 'price');
    const prorated = prorate(subscription, price, numberOf(details, 'proration_date') ?? state.now);
    const { current_period_start: start, current_period_end: until } = itemOf(subscription);
    const free = { amount: 0, description: 'Trial period', start, end: until, proration: false };
    const data = prorated.length > 0 ? prorated : [lineOf(subscription, free)];
    const { balance } = find(state.customers, subscription.customer, 'customer');
    const { total, amountDue } = settle(data, balance);
    const lines = { object: 'list', data, has_more: false };
    return { object: 'invoice', currency: subscription.currency, total, amount_due: amountDue, lines };
  },
};

function living(state: State, id: string): StripeSubscription {
  const subscription = find(state.subscriptions, id, 'subscription');
  if (subscription.ended_at === null) return subscription;
  throw new StripeRefusal(`No such subscription: '${id}'`, { status: 404, code: 'resource_missing' });
}

function changeEnd(state: State, subscription: StripeSubscription, form: Form): void {
  if (form['cancel_at'] !== undefined && form['cancel_at_period_end'] !== undefined) {
    throw new StripeRefusal('You may only specify one of these parameters: cancel_at, cancel_at_period_end.');
  }
  if (subscription.schedule !== null) {
    throw new StripeRefusal(
      'The subscription is managed by the subscription schedule, and updating any cancelation behavior directly is not allowed.',
    );
  }
  const atPeriodEnd = textOf(form, 'cancel_at_period_end') === 'true';
  const { current_period_end } = itemOf(subscription);
  const at = atPeriodEnd ? current_period_end : (numberOf(form, 'cancel_at') ?? null);
  if (at !== null && at <= state.now) throw new StripeRefusal('The cancel_at date must be in the future.');
  subscription.cancel_at = at;
  subscription.cancel_at_period_end = atPeriodEnd;
  subscription.canceled_at = at === null ? null : state.now;
  emit(state, 'customer.subscription.updated', subscription);
}

function readPhases(state: State, forms: readonly Form[], from: number): StripePhase[] {
  const phases: StripePhase[] = [];
  for (const form of forms) {
    const start_date = numberOf(form, 'start_date') ?? phases.at(-1)?.end_date ?? from;
    const interval = textOf(partOf(form, 'duration'), 'interval') === 'year' ? 'year' : 'month';
    const end_date = numberOf(form, 'end_date') ?? periodEnd(start_date, interval, 1);
    const items = formsOf(form, 'items').map((item) => ({
      price: find(state.prices, textOf(item, 'price') ?? '', 'price').id,
      quantity: 1,
    }));
    phases.push({ start_date, end_date, items });
  }
  return phases;
}
