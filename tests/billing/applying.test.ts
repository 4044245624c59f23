import { expect, test } from 'vitest';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { BillingEvent } from '../../src/db/entities/billing.ts';
import { BillingRefused } from '../../src/domain/billing/gateway.ts';
import { compareBilling } from '../../src/worker/billing-reconciler.ts';
import { openWorld } from '../support/world.ts';
import { aBilled, type Billed, stripeEnv } from './billing-world.ts';

const world = await openWorld({ env: { ROLE: 'web', ...stripeEnv } });

async function aSubscriber() {
  const billed = await aBilled(world);
  const subscription = await billed.buy('starter');
  await deliver(billed);
  return { ...billed, subscription };
}

async function deliver({ stripe, process }: Pick<Billed, 'stripe' | 'process'>): Promise<void> {
  await stripe.flush();
  await process();
}

const control = <T>(work: Parameters<typeof world.db.asControlPlane<T>>[1]) =>
  world.db.asControlPlane(world.entry({ kind: 'system' }), work);

const count = (tenantId: string, action: AuditEvent['action']) =>
  world.inTenant(tenantId, ({ em }) => em.count(AuditEvent, { tenantId, action }));

test('a status that nobody knows keeps plan and access, and people are asked once', async () => {
  const { stripe, process, subscription, standing } = await aSubscriber();

  stripe.setStatus(subscription, 'hibernating');
  await deliver({ stripe, process });
  stripe.setStatus(subscription, 'hibernating');
  await deliver({ stripe, process });

  expect(await standing()).toMatchObject({
    status: 'active',
    plan: 'starter',
    subscription: 'hibernating',
    reviews: 1,
  });
});

test('a first payment that is not there yet grants nothing', async () => {
  const { stripe, process, subscription, standing } = await aSubscriber();
  const fresh = await aBilled(world);
  const other = await fresh.buy('professional');

  fresh.stripe.setStatus(other, 'incomplete');
  await deliver(fresh);
  stripe.setStatus(subscription, 'incomplete_expired');
  await deliver({ stripe, process });

  expect(await fresh.standing()).toMatchObject({ plan: 'free', status: 'active' });
  expect(await standing()).toMatchObject({ plan: 'starter' });
});

test('a paused subscription lets its tenant read alone, and going on lifts that', async () => {
  const { stripe, process, subscription, standing } = await aSubscriber();

  stripe.setStatus(subscription, 'paused');
  await deliver({ stripe, process });
  const paused = await standing();
  stripe.setStatus(subscription, 'active');
  await deliver({ stripe, process });

  expect(paused).toMatchObject({ status: 'suspended', suspendedFor: ['trial_expired'] });
  expect(await standing()).toMatchObject({ status: 'active', suspendedFor: [], plan: 'starter' });
});

test('what was read earlier is not written over what was read later', async () => {
  const { stripe, apply, subscription, standing, billing } = await aSubscriber();
  const early = new Date(Date.now() + 60_000);
  const late = new Date(Date.now() + 120_000);

  stripe.setStatus(subscription, 'past_due');
  expect((await apply(late)).became).toBe('changed');
  stripe.setStatus(subscription, 'active');
  expect((await apply(early)).became).toBe('stale');
  const before = await standing();
  expect((await apply(late)).became).toBe('changed');

  expect(before).toMatchObject({ subscription: 'past_due', owes: true });
  expect(await standing()).toMatchObject({ subscription: 'active', owes: false });
  expect((await billing.getSubscription(subscription))?.status).toBe('active');
});

test('the same reading twice changes nothing and tells of nothing', async () => {
  const { apply, tenantId } = await aSubscriber();
  const at = new Date(Date.now() + 60_000);

  await apply(at);
  const before = await count(tenantId, 'billing_account.changed');
  expect((await apply(at)).became).toBe('same');

  expect(await count(tenantId, 'billing_account.changed')).toBe(before);
});

test('an event that cannot be processed is tried, then waits for a person, and can be replayed', async () => {
  const billed = await aBilled(world);
  const { stripe, process } = billed;
  const subscription = await billed.buy('starter');
  const poison = stripe.state.subscriptions.get(subscription);
  const items = poison?.items.data.splice(0);
  const [event] = stripe.take().filter(({ type }) => type === 'invoice.paid');
  if (!event || !poison || !items) throw new Error('there is no such event');
  await stripe.post(event);

  for (let tries = 0; tries < 8; tries += 1) {
    await control(({ em }) =>
      em.nativeUpdate(BillingEvent, { id: event.id, state: 'received' }, { nextAttemptAt: new Date(0) }),
    );
    await process();
  }
  const failed = await world.operator.billing.events.list.query({ state: 'failed' });
  poison.items.data.push(...items);
  await world.operator.billing.events.retry.mutate({ eventId: event.id });
  await process();

  expect(failed.items).toMatchObject([{ id: event.id, attempts: 8, state: 'failed' }]);
  expect(failed.items[0]?.error).toMatch(/has no item/);
  expect(await billed.standing()).toMatchObject({ plan: 'starter', subscription: 'active' });
  expect((await world.operator.billing.events.list.query({ state: 'failed' })).items).toEqual([]);
});

test('while Stripe does not answer nothing fails for good: it is looked at again', async () => {
  const billed = await aBilled(world);
  const { stripe, process } = billed;
  await billed.buy('starter');
  await stripe.flush();

  stripe.failNext(3, 503);
  await process();
  const waiting = await billed.standing();
  await control(({ em }) =>
    em.nativeUpdate(BillingEvent, { state: 'received' }, { nextAttemptAt: new Date(0) }),
  );
  await process();

  expect(waiting.plan).toBe('free');
  expect(await billed.standing()).toMatchObject({ plan: 'starter' });
});

test('the daily comparison finds what differs, puts it right, and says so', async () => {
  const { tenantId, parts, standing } = await aSubscriber();
  const note = 'by mistake';
  await world.operator.plans.change.mutate({ tenantId, plan: 'professional', note });

  await compareBilling(parts, { id: 'test' });
  await compareBilling(parts, { id: 'test' });

  expect(await standing()).toMatchObject({ plan: 'starter' });
  expect(await count(tenantId, 'billing_account.repaired')).toBe(1);
  expect((await parts.metrics.expose()).text).toContain('tenantry_billing_total{became="drifted"} 1');
});

test('a key of another account, where no customer is known, changes nothing', async () => {
  const { tenantId, customerId, standing } = await aSubscriber();
  const other = await aBilled(world);

  await compareBilling(other.parts, { id: 'test' });

  await expect(other.billing.readCustomer(customerId)).rejects.toThrow(BillingRefused);
  expect(await standing()).toMatchObject({ plan: 'starter', attached: true, subscription: 'active' });
  expect(await count(tenantId, 'billing_account.repaired')).toBe(0);
});

test('every write to Stripe carries an idempotency key', async () => {
  const { stripe, billing, subscription: subscriptionId, order } = await aSubscriber();
  const idempotencyKey = 'a-key';

  await billing.changePlan({ ...order(subscriptionId, 'professional'), when: 'period_end' });
  await billing.cancelScheduledChange({ subscriptionId, idempotencyKey });
  await billing.cancelAt({ subscriptionId, at: 'period_end', idempotencyKey: 'b' });
  await billing.undoCancel({ subscriptionId, idempotencyKey: 'c' });
  await billing.cancelNow({ subscriptionId, idempotencyKey: 'd' });

  const writes = stripe.asked.filter(
    ({ method, path }) => method !== 'GET' && !path.endsWith('create_preview'),
  );
  expect(writes.length).toBeGreaterThan(8);
  expect(writes.filter(({ idempotencyKey: key }) => key === undefined)).toEqual([]);
});
