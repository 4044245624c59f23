import { afterAll, expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { leaving } from '../lifecycle/leaving.ts';
import { startLocalStripe } from '../support/stripe/local-stripe.ts';
import { aTenant, eventually, openWorld } from '../support/world.ts';

const stripe = await startLocalStripe();
const world = await openWorld({ env: stripe.env });
stripe.listen(`${world.url}/webhooks/stripe`);
afterAll(() => stripe.close());
const { offboarding, billing, plans, tasks } = world.operator;
const { schedule, advance, offboarded, deadlinesOf } = leaving(world);

/** A tenant whose clock can be advanced and who pays for the starter plan, and its subscription at Stripe. */
async function aPaying() {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const owner = await theOwner(world, tenant);
  const { url } = await owner.client.billing.checkout.mutate({ plan: 'starter' });
  const id = stripe.pay(url).subscription ?? '';
  await stripe.flush();
  const { id: tenantId } = tenant;
  await eventually(async () => (await plans.current.query({ tenantId })).plan === 'starter', 'the plan');
  const there = () => {
    const subscription = stripe.state.subscriptions.get(id);
    if (!subscription) throw new Error('the subscription is gone');
    return subscription;
  };
  return { tenant, tenantId, there };
}

const isOver = async (tenantId: string) =>
  (await billing.get.query({ tenantId })).subscription?.status === 'canceled';

const openTasks = async (tenantId: string) =>
  (await tasks.list.query({ tenantId })).items.map(({ kind }) => kind);

test('a subscription ends with the notice of its tenant, and goes on when that is taken back', async () => {
  const { tenant, tenantId, there } = await aPaying();

  const { dueAt } = await schedule(tenant);
  await eventually(async () => there().cancel_at !== null, 'the end at Stripe');
  expect(there().cancel_at).toBe(Math.floor(Date.parse(dueAt ?? '') / 1000));
  await offboarding.cancel.mutate({ tenantId, note: 'they stay' });

  await eventually(async () => there().cancel_at === null, 'that it goes on');
  expect(there().status).toBe('active');
});

test('a tenant that has ended pays no more, and its purge waits until Stripe has said so: that closes its billing', async () => {
  const { tenant, tenantId, there } = await aPaying();
  await schedule(tenant);
  await advance(tenant, 'P30D');
  await offboarded(tenant);
  await eventually(async () => there().status === 'canceled', 'the end at Stripe');

  // Its events have not come yet: here nobody knows.
  const early = await refusalOf(offboarding.purge.mutate({ tenantId, confirm: tenant.slug }));
  expect(await openTasks(tenantId)).toContain('closing_billing');
  expect(early).toMatchObject({ reason: 'CONFLICT', message: expect.stringContaining('payment provider') });
  const dueBefore = (await deadlinesOf(tenant))['purge'];
  await advance(tenant, 'P30DT1H');
  await eventually(async () => {
    const due = (await deadlinesOf(tenant))['purge'];
    return due !== undefined && due.getTime() === (dueBefore?.getTime() ?? 0) + 86_400_000;
  }, 'the purge to wait a day');
  await stripe.flush();
  await eventually(() => isOver(tenantId), 'the news from Stripe');
  const { items: done } = await tasks.list.query({ tenantId, done: true });
  expect(done.find(({ kind }) => kind === 'closing_billing')).toMatchObject({
    doneBy: { kind: 'system' },
    evidence: there().id,
  });
  expect(await openTasks(tenantId)).toEqual(['closing_tickets', 'closing_communications']);
  await advance(tenant, 'P1D');

  const certificate = await eventually(
    () => offboarding.certificate.query({ tenantId }).catch(() => null),
    'the certificate',
  );
  expect(certificate).toMatchObject({ tenantId });
});
