import { randomUUID } from 'node:crypto';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BillingRefused, type BillingGateway } from '../../src/domain/billing/gateway.ts';
import { currentVersion } from '../../src/domain/plans/catalogue.ts';
import { createStripeBilling } from '../../src/infra/billing/stripe-billing.ts';
import { createStripeClient } from '../../src/infra/billing/stripe-client.ts';
import { findPeers, type Peer } from '../support/stripe/peers.ts';

const peers = await findPeers();
const whole = peers.filter(({ scope }) => scope === 'all');
const version = currentVersion;
const aKey = () => ({ idempotencyKey: randomUUID() });
const day = 86_400_000;

describe.each(peers)('$name keeps the contract of customers', ({ skipped, start }) => {
  const peer = opened({ skipped, start });

  test.skipIf(skipped !== null)('a tenant has one customer, however often it is asked for', async () => {
    const tenant = { tenantId: randomUUID(), name: 'Müller & Söhne', email: `${randomUUID()}@mail.example` };

    const first = await peer.billing.ensureCustomer({ ...tenant, ...aKey() });
    const second = await peer.billing.ensureCustomer({ ...tenant, ...aKey() });
    const other = await peer.billing.ensureCustomer({ ...tenant, tenantId: randomUUID(), ...aKey() });

    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(await peer.billing.readCustomer(first)).toEqual({
      deleted: false,
      subscription: null,
      strays: [],
    });
  });
});

describe.each(whole)('$name keeps the contract of subscriptions', ({ skipped, start }) => {
  const peer = opened({ skipped, start });
  const here = test.skipIf(skipped !== null);

  /** A customer who bought a plan with a card. */
  async function aSubscriber(card = 'pm_card_visa') {
    const email = `${randomUUID()}@mail.example`;
    const customerId = await peer.billing.ensureCustomer({
      tenantId: randomUUID(),
      name: 'A',
      email,
      ...aKey(),
    });
    const page = await peer.billing.createCheckout({
      customerId,
      plan: 'starter',
      version,
      interval: 'month',
      currency: 'eur',
      successUrl: 'https://app.example/paid',
      cancelUrl: 'https://app.example/plans',
      ...aKey(),
    });
    await useCard(customerId, 'pm_card_visa');
    const prices = await peer.stripe.prices.list({ lookup_keys: [`tenantry_${version}_starter_month_eur`] });
    const price = prices.data[0]?.id ?? '';
    const { id } = await peer.stripe.subscriptions.create({ customer: customerId, items: [{ price }] });
    if (card !== 'pm_card_visa') await useCard(customerId, card);
    return { id, customerId, page };
  }

  async function useCard(customerId: string, card: string): Promise<void> {
    const method = await peer.stripe.paymentMethods.attach(card, { customer: customerId });
    await peer.stripe.customers.update(customerId, {
      invoice_settings: { default_payment_method: method.id },
    });
  }

  here('what was bought is read back from the price, with its period and its paid invoice', async () => {
    const { id, customerId, page } = await aSubscriber();

    const subscription = await peer.billing.getSubscription(id);

    expect(page).toMatch(/^https:/);
    expect(subscription).toMatchObject({
      customerId,
      status: 'active',
      bought: { plan: 'starter', planVersion: version, interval: 'month', currency: 'eur' },
      cancelAt: null,
      pendingUpdate: null,
      scheduled: null,
      latestInvoice: { status: 'paid', amountDue: 2_900, currency: 'eur' },
    });
    expect(await peer.billing.findSubscription(customerId)).toEqual(subscription);
  });

  here('an upgrade bills to the cent what its preview said', async () => {
    const { id } = await aSubscriber();
    const order = { subscriptionId: id, plan: 'professional', version, interval: 'month' } as const;

    const preview = await peer.billing.previewChange(order);
    const after = await peer.billing.changePlan({
      ...order,
      when: 'now',
      prorationAt: preview.at,
      ...aKey(),
    });

    expect(preview).toMatchObject({ currency: 'eur', nextAmount: 9_900 });
    expect(preview.prorationLines.map(({ amount }) => Math.sign(amount))).toEqual([-1, 1]);
    expect(after).toMatchObject({
      bought: { plan: 'professional' },
      latestInvoice: { status: 'paid', amountDue: preview.amountDueNow },
    });
  });

  here('an upgrade to a year begins a year, and bills what its preview said', async () => {
    const { id } = await aSubscriber();
    const order = { subscriptionId: id, plan: 'professional', version, interval: 'year' } as const;

    const preview = await peer.billing.previewChange(order);
    const after = await peer.billing.changePlan({
      ...order,
      when: 'now',
      prorationAt: preview.at,
      ...aKey(),
    });

    expect(after.latestInvoice?.amountDue).toBe(preview.amountDueNow);
    expect(after.bought?.interval).toBe('year');
    expect(after.currentPeriodEnd.getTime() - after.currentPeriodStart.getTime()).toBeGreaterThan(364 * day);
  });

  here('an upgrade that is not paid changes nothing, and says that it waits', async () => {
    const { id } = await aSubscriber('pm_card_chargeCustomerFail');
    const order = { subscriptionId: id, plan: 'professional', version, interval: 'month' } as const;

    const after = await peer.billing.changePlan({ ...order, when: 'now', ...aKey() });

    expect(after).toMatchObject({
      status: 'active',
      bought: { plan: 'starter' },
      pendingUpdate: { plan: 'professional', interval: 'month' },
      latestInvoice: { status: 'open' },
    });
  });

  here('a change at the end of the period is scheduled, replaced and taken back', async () => {
    const { id } = await aSubscriber();
    const order = { subscriptionId: id, version, interval: 'month', when: 'period_end' } as const;

    const scheduled = await peer.billing.changePlan({ ...order, plan: 'professional', ...aKey() });
    const replaced = await peer.billing.changePlan({
      ...order,
      plan: 'starter',
      interval: 'year',
      ...aKey(),
    });
    const back = await peer.billing.cancelScheduledChange({ subscriptionId: id, ...aKey() });

    const at = scheduled.currentPeriodEnd;
    expect(scheduled.bought?.plan).toBe('starter');
    expect(scheduled.scheduled).toEqual({
      plan: 'professional',
      planVersion: version,
      interval: 'month',
      at,
    });
    expect(replaced.scheduled).toEqual({ plan: 'starter', planVersion: version, interval: 'year', at });
    expect(back).toMatchObject({ scheduled: null, bought: { plan: 'starter', interval: 'month' } });
  });

  here('an end is set, moved, taken back, and made now', async () => {
    const { id: subscriptionId } = await aSubscriber();
    const at = new Date(1000 * Math.floor(Date.now() / 1000) + 9 * day);

    const withDate = await peer.billing.cancelAt({ subscriptionId, at, ...aKey() });
    const open = await peer.billing.undoCancel({ subscriptionId, ...aKey() });
    const withPeriod = await peer.billing.cancelAt({ subscriptionId, at: 'period_end', ...aKey() });
    await peer.billing.undoCancel({ subscriptionId, ...aKey() });
    const ended = await peer.billing.cancelNow({ subscriptionId, ...aKey() });
    const again = await peer.billing.cancelNow({ subscriptionId, ...aKey() });

    expect(withDate.cancelAt).toEqual(at);
    expect(open).toMatchObject({ cancelAt: null, cancelAtPeriodEnd: false, status: 'active' });
    expect(withPeriod.cancelAt).toEqual(withPeriod.currentPeriodEnd);
    expect(ended.status).toBe('canceled');
    expect(again).toEqual(ended);
  });

  here('the same key does a thing once, and is refused for another', async () => {
    const { customerId } = await aSubscriber();
    const portal = { customerId, returnUrl: 'https://app.example', ...aKey() };

    const first = await peer.billing.portalUrl(portal);

    expect(await peer.billing.portalUrl(portal)).toBe(first);
    await expect(peer.billing.portalUrl({ ...portal, returnUrl: 'https://x.example' })).rejects.toThrow(
      BillingRefused,
    );
  });

  here('its events are listed, oldest first, with the ids of what they are about', async () => {
    const since = new Date(Date.now() - 5_000);
    const { id, customerId } = await aSubscriber();

    const events = (await peer.billing.listEventsSince(since)).filter(
      (event) => event.customerId === customerId,
    );

    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['customer.subscription.created', 'invoice.paid']),
    );
    expect(events.find(({ type }) => type === 'customer.subscription.created')?.subscriptionId).toBe(id);
    expect(events.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())).toEqual(events);
  });

  here('a customer that was deleted is known to be', async () => {
    const { customerId } = await aSubscriber();
    await peer.stripe.customers.del(customerId);

    expect(await peer.billing.readCustomer(customerId)).toMatchObject({ deleted: true, strays: [] });
  });
});

/** The gateway and the SDK on a peer, once its tests begin. */
function opened({ skipped, start }: Pick<Peer, 'skipped' | 'start'>) {
  const peer: { billing: BillingGateway; stripe: Stripe } = {
    billing: createStripeBilling({ secretKey: 'sk_none', webhookSecrets: [], apiBase: null }),
    stripe: new Stripe('sk_none'),
  };
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    if (skipped !== null) return;
    const at = await start();
    peer.billing = createStripeBilling({ ...at, webhookSecrets: ['whsec_test'] });
    peer.stripe = createStripeClient(at);
    stack.defer(at.stop);
  });
  afterAll(() => stack.disposeAsync());
  return peer;
}
