import { afterAll, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { BillingAccount } from '../../src/db/entities/billing.ts';
import { refusalOf } from '../api/answers.ts';
import { aPerson, theOwner } from '../api/people.ts';
import { startLocalStripe } from '../support/stripe/local-stripe.ts';
import { aRegistration, aTenant, eventually, openWorld } from '../support/world.ts';

const stripe = await startLocalStripe();
const world = await openWorld({ env: stripe.env });
stripe.listen(`${world.url}/webhooks/stripe`);
afterAll(() => stripe.close());

async function aBuyer() {
  const tenant = await aTenant(world, { plan: 'free' });
  return { tenant, owner: await theOwner(world, tenant) };
}

const reasonOf = async (refused: Promise<unknown>) => (await refusalOf(refused)).reason;
const planOf = async (tenantId: string) => (await world.operator.plans.current.query({ tenantId })).plan;

test('an owner buys a plan on a page of Stripe, and has it once it is paid', async () => {
  const { tenant, owner } = await aBuyer();

  const { url } = await owner.client.billing.checkout.mutate({ plan: 'professional', interval: 'year' });
  expect(await planOf(tenant.id)).toBe('free');
  stripe.pay(url);
  await stripe.flush();
  await eventually(async () => (await planOf(tenant.id)) === 'professional', 'the plan to be there');

  const { subscription } = await owner.client.billing.get.query();
  expect(subscription).toMatchObject({
    status: 'active',
    plan: 'professional',
    interval: 'year',
    currency: 'eur',
  });
  expect((await owner.client.billing.portal.mutate()).url).toMatch(/^https:/);
  for (const plan of ['professional', 'starter'] as const) {
    const again = refusalOf(owner.client.billing.checkout.mutate({ plan }));
    expect((await again).reason).toBe('CONFLICT');
  }
});

async function aSubscriber() {
  const { tenant, owner } = await aBuyer();
  const { url } = await owner.client.billing.checkout.mutate({ plan: 'starter' });
  const { customer, subscription } = stripe.pay(url);
  await stripe.flush();
  await eventually(async () => (await planOf(tenant.id)) === 'starter', 'the plan to be there');
  return { tenantId: tenant.id, owner, customer, subscription: subscription ?? '' };
}

test('a larger plan is prorated, billed to the cent as its preview said, and there once that is paid', async () => {
  const { tenantId, owner, subscription } = await aSubscriber();

  const preview = await owner.client.billing.previewChange.query({ plan: 'professional' });
  const { outcome } = await owner.client.billing.checkout.mutate({ plan: 'professional' });
  await stripe.flush();
  await eventually(async () => (await planOf(tenantId)) === 'professional', 'the larger plan');

  expect(outcome).toBe('paid');
  const { latest_invoice: invoice } = stripe.state.subscriptions.get(subscription) ?? {};
  const billed = stripe.state.invoices.get(invoice ?? '')?.amount_due ?? 0;
  // The moment of the change may be a second or two after that of the preview.
  expect(Math.abs(billed - preview.amountDueNow)).toBeLessThanOrEqual(1);
  expect(preview).toMatchObject({ currency: 'eur', nextAmount: 9_900 });
});

test('a larger plan that the card does not pay leaves the tenant as it was, until it is paid', async () => {
  const { tenantId, owner, customer, subscription } = await aSubscriber();
  stripe.setCard(customer, 'declines');

  const { outcome, url } = await owner.client.billing.checkout.mutate({ plan: 'professional' });
  await stripe.flush();
  const before = await planOf(tenantId);
  stripe.setCard(customer, 'pays');
  stripe.payLatest(subscription);
  await stripe.flush();
  await eventually(async () => (await planOf(tenantId)) === 'professional', 'the larger plan');

  expect({ outcome, before }).toEqual({ outcome: 'unpaid', before: 'starter' });
  expect(url).toContain('billing.stripe.test');
});

test('what is decided here is billed there: a change by operators, one that is scheduled, and its withdrawal', async () => {
  const { tenantId, subscription } = await aSubscriber();
  const { plans } = world.operator;
  const there = () => {
    const found = stripe.state.subscriptions.get(subscription);
    const price = found?.items.data[0].price.lookup_key?.split('_')[2];
    return { price, ends: found?.cancel_at_period_end, scheduled: found?.schedule !== null };
  };
  const comes = async (wanted: object) => {
    await eventually(async () => JSON.stringify(there()) === JSON.stringify(wanted), JSON.stringify(wanted));
    await stripe.flush();
  };

  await plans.change.mutate({ tenantId, plan: 'professional', note: 'agreed' });
  await comes({ price: 'professional', ends: false, scheduled: false });
  await plans.change.mutate({ tenantId, plan: 'starter', when: 'period_end', note: 'less' });
  await comes({ price: 'professional', ends: false, scheduled: true });
  await plans.cancelScheduled.mutate({ tenantId });
  await comes({ price: 'professional', ends: false, scheduled: false });
  await plans.change.mutate({ tenantId, plan: 'free', when: 'period_end', note: 'nothing' });
  await comes({ price: 'professional', ends: true, scheduled: false });
  await plans.cancelScheduled.mutate({ tenantId });
  await comes({ price: 'professional', ends: false, scheduled: false });
  await plans.change.mutate({ tenantId, plan: 'free', when: 'now', note: 'over' });
  await eventually(
    async () => stripe.state.subscriptions.get(subscription)?.status === 'canceled',
    'the end',
  );
});

test('two checkouts at once are of one customer, and only the last page is open', async () => {
  const { tenant, owner } = await aBuyer();
  const buy = () => owner.client.billing.checkout.mutate({ plan: 'starter' });

  await Promise.all([buy(), buy()]);
  const { url } = await buy();

  const account = await world.inTenant(tenant.id, ({ em }) =>
    em.findOneOrFail(BillingAccount, { tenantId: tenant.id }),
  );
  const theirs = [...stripe.state.sessions.values()].filter(
    ({ customer }) => customer === account.customerId,
  );
  expect(theirs.filter(({ status }) => status === 'open').map((session) => session.url)).toEqual([url]);
});

test('the same call again, by its key, is the same page', async () => {
  const { owner } = await aBuyer();
  const call = { plan: 'starter', idempotencyKey: 'once' } as const;

  const first = await owner.client.billing.checkout.mutate(call);

  expect(await owner.client.billing.checkout.mutate(call)).toEqual(first);
});

test('only an owner whose address is proven buys, and only what is sold', async () => {
  const { tenant, owner } = await aBuyer();
  const admin = await aPerson(world, tenant.id, 'admin');
  const unproven = await aRegistration(world);

  const plan = 'starter' as const;
  expect(await reasonOf(admin.client.billing.checkout.mutate({ plan }))).toBe('PERMISSION_DENIED');
  expect(await reasonOf(world.as(unproven.accessToken).billing.checkout.mutate({ plan }))).toBe(
    'EMAIL_NOT_VERIFIED',
  );
  expect(await reasonOf(world.operator.billing.checkout.mutate({ tenantId: tenant.id, plan }))).toBe(
    'PERMISSION_DENIED',
  );
  expect(await reasonOf(owner.client.billing.checkout.mutate({ plan: 'enterprise' }))).toBe('INVALID_INPUT');
  expect(await reasonOf(owner.client.billing.portal.mutate())).toBe('CONFLICT');
});

test('a blocked tenant’s owner still sees what is owed, and reaches the portal to pay it', async () => {
  const { tenant, owner } = await aBuyer();
  const { url } = await owner.client.billing.checkout.mutate({ plan: 'starter' });
  stripe.pay(url);
  await stripe.flush();
  await eventually(async () => (await planOf(tenant.id)) === 'starter', 'the plan to be there');
  const cause = { trigger: 'payment_failure', mode: 'blocked', note: 'unpaid' } as const;
  await world.operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
  const { email } = owner;

  const answer = await world.send('/api/auth/login', {
    body: { tenantSlug: tenant.slug, email, password: 'seven purple herons drift west' },
  });
  const client = world.as(answer.body.accessToken);

  expect((await client.billing.get.query()).plan).toBe('starter');
  expect((await client.billing.portal.mutate()).url).toMatch(/^https:/);
});

test('a preview of a change of plan says what the subscription is billed for it, and asks only then', async () => {
  const { tenant, owner } = await aBuyer();
  const { url } = await owner.client.billing.checkout.mutate({ plan: 'starter' });
  stripe.pay(url);
  await stripe.flush();
  await eventually(async () => (await planOf(tenant.id)) === 'starter', 'the plan to be there');
  const look = (more: { plan: Plan }) =>
    world.operator.plans.change.mutate({ tenantId: tenant.id, note: 'a look', preview: true, ...more });

  const { charge, outcome } = await look({ plan: 'professional' });
  const { at: _, ...expected } = await owner.client.billing.previewChange.query({ plan: 'professional' });

  expect(outcome).toBe('changed');
  expect(charge).toMatchObject({ currency: expected.currency, nextAmount: expected.nextAmount });
  expect(charge?.amountDueNow).toBeGreaterThan(0);
  expect((await look({ plan: 'free' })).charge).toBeNull();
  expect((await look({ plan: 'enterprise' })).charge).toBeNull();
  expect(await planOf(tenant.id)).toBe('starter');
});
