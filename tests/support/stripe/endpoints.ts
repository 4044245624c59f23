import { type Endpoint, page } from './endpoint.ts';
import { checkoutEndpoints } from './checkout.ts';
import { numberOf, metadataOf, partOf, textOf, textsOf } from './form.ts';
import { attempt, end } from './subscriptions.ts';
import { emit, find, stripeId, StripeRefusal } from './state.ts';
import { subscriptionEndpoints } from './subscription-endpoints.ts';

/** What Stripe answers, by method and path; `:id` is what is asked for. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  'GET /v1/customers': ({ state, form }) => {
    const email = textOf(form, 'email');
    const all = [...state.customers.values()].filter(
      (customer) => !customer.deleted && customer.email === email,
    );
    return page(all.toReversed(), form);
  },
  'POST /v1/customers': ({ state, form }) => {
    const customer = {
      id: stripeId('cus'),
      object: 'customer' as const,
      name: textOf(form, 'name') ?? null,
      email: textOf(form, 'email') ?? null,
      metadata: metadataOf(form),
      balance: 0,
      created: state.now,
      card: null,
    };
    state.customers.set(customer.id, customer);
    emit(state, 'customer.created', customer);
    return customer;
  },
  'GET /v1/customers/:id': ({ state, id }) => {
    const customer = find(state.customers, id, 'customer');
    return customer.deleted ? { id, object: 'customer', deleted: true } : customer;
  },
  'POST /v1/customers/:id': ({ state, form, id }) => {
    const customer = find(state.customers, id, 'customer');
    const method = textOf(partOf(form, 'invoice_settings'), 'default_payment_method');
    if (method !== undefined) customer.card = method.startsWith('pm_card_visa') ? 'pays' : 'declines';
    return customer;
  },
  'DELETE /v1/customers/:id': ({ state, id }) => {
    const customer = find(state.customers, id, 'customer');
    for (const subscription of state.subscriptions.values()) {
      if (subscription.customer === id) end(state, subscription);
    }
    emit(state, 'customer.deleted', customer);
    customer.deleted = true;
    return { id, object: 'customer', deleted: true };
  },
  'POST /v1/payment_methods/:id/attach': ({ form, id }) => ({
    id,
    object: 'payment_method',
    customer: textOf(form, 'customer'),
  }),
  'GET /v1/products/:id': ({ state, id }) => find(state.products, id, 'product'),
  'POST /v1/products': ({ state, form }) => {
    const id = textOf(form, 'id') ?? stripeId('prod');
    if (state.products.has(id)) {
      throw new StripeRefusal(`Product already exists: ${id}`, { code: 'resource_already_exists' });
    }
    const product = { id, object: 'product' as const, name: textOf(form, 'name') ?? '' };
    state.products.set(id, product);
    return product;
  },
  'GET /v1/prices': ({ state, form }) => {
    const keys = textsOf(form, 'lookup_keys');
    return page(
      [...state.prices.values()].filter(({ lookup_key }) => keys.includes(lookup_key ?? '')),
      form,
    );
  },
  'GET /v1/prices/:id': ({ state, id }) => find(state.prices, id, 'price'),
  'POST /v1/prices': ({ state, form }) => {
    const lookup_key = textOf(form, 'lookup_key') ?? null;
    if (lookup_key !== null && [...state.prices.values()].some((price) => price.lookup_key === lookup_key)) {
      throw new StripeRefusal(`A price (${lookup_key}) already uses that lookup key.`);
    }
    const price = {
      id: stripeId('price'),
      object: 'price' as const,
      active: true,
      currency: textOf(form, 'currency') ?? '',
      unit_amount: numberOf(form, 'unit_amount') ?? 0,
      recurring: {
        interval:
          textOf(partOf(form, 'recurring'), 'interval') === 'year' ? ('year' as const) : ('month' as const),
        interval_count: 1 as const,
      },
      lookup_key,
      metadata: metadataOf(form),
      product: find(state.products, textOf(form, 'product') ?? '', 'product').id,
    };
    state.prices.set(price.id, price);
    return price;
  },
  'GET /v1/events': ({ state, form }) => {
    const types = textsOf(form, 'types');
    const since = numberOf(partOf(form, 'created'), 'gte') ?? 0;
    const events = state.events.filter(
      ({ type, created }) => created >= since && (types.length === 0 || types.includes(type)),
    );
    return page(events.toReversed(), form);
  },
  'GET /v1/disputes/:id': ({ state, id }) => find(state.disputes, id, 'dispute'),
  'GET /v1/invoices/:id': ({ state, id }) => find(state.invoices, id, 'invoice'),
  'POST /v1/invoices/:id/pay': ({ state, id }) => {
    const invoice = find(state.invoices, id, 'invoice');
    if (invoice.status === 'paid')
      throw new StripeRefusal('Invoice is already paid', { code: 'invoice_already_paid' });
    if (!attempt(state, invoice)) {
      throw new StripeRefusal('Your card was declined.', { status: 402, code: 'card_declined' });
    }
    return invoice;
  },
  ...checkoutEndpoints,
  ...subscriptionEndpoints,
};
