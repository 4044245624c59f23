import { describe, expect, test } from 'vitest';
import { BillingAccount } from '../../src/db/entities/billing.ts';
import { Deadline } from '../../src/db/entities/control.ts';
import { readConfig } from '../../src/infra/config.ts';
import { refusalOf, signIn } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { suspending } from '../lifecycle/suspending.ts';
import { aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';

const world = await openWorld();
const { billing, suspension, offboarding } = world.operator;
const { get, history, advance, toldOf } = suspending(world);

const note = 'the card was declined';
const aSandbox = (plan: 'free' | 'starter' = 'free') => aTenant(world, { plan, sandbox: true });

async function anOwing(plan: 'free' | 'starter' = 'free'): Promise<TestTenant> {
  const tenant = await aSandbox(plan);
  await billing.recordFailure.mutate({ tenantId: tenant.id, invoice: 'in_7', note });
  return tenant;
}

const payment = { paidUntil: '2200-01-01T00:00:00Z', note: 'by wire' };
const pay = async (tenant: TestTenant, more: { idempotencyKey?: string } = {}) =>
  billing.recordPayment.mutate({
    tenantId: tenant.id,
    paidUntil: '2200-01-01T00:00:00Z',
    note: 'by wire',
    ...more,
  });

/** Goes on by some days, and waits until everything that was due then has happened. */
async function pass(tenant: TestTenant, days: number): Promise<void> {
  await advance(tenant, days === 0 ? 'PT1S' : `P${days}D`);
  await eventually(
    () =>
      world.inTenant(tenant.id, async ({ em, tenantNow }) => {
        return (await em.count(Deadline, { tenantId: tenant.id, dueAt: { $lte: tenantNow } })) === 0;
      }),
    'what is due to happen',
  );
}

async function standing(tenant: TestTenant) {
  const { status, accessMode, offboarding: leave, plan, trialEndsAt } = await get(tenant);
  return { status, accessMode, leave: leave?.trigger ?? null, plan, trialEndsAt };
}

const duesOf = (tenant: TestTenant) =>
  world.inTenant(tenant.id, async ({ em }) => {
    const all = await em.find(Deadline, { tenantId: tenant.id });
    return all.map(({ kind }) => kind).filter((kind) => /^(dunning|payment|offboarding)_/.test(kind));
  });

describe('who does not pay', () => {
  test('is told at once, after 3 and 7 days, read-only after 7, blocked after 14, and on notice after 30', async () => {
    const tenant = await anOwing();

    await pass(tenant, 0);
    expect(await toldOf(tenant)).toEqual(['payment_failed']);
    await pass(tenant, 3);
    expect(await toldOf(tenant)).toEqual(['payment_failed', 'payment_failed']);
    expect((await standing(tenant)).accessMode).toBe('full');
    await pass(tenant, 4);
    expect(await standing(tenant)).toMatchObject({
      status: 'suspended',
      accessMode: 'read_only',
      leave: null,
    });
    expect(await toldOf(tenant)).toEqual(['payment_failed', 'payment_failed', 'payment_failed']);
    await pass(tenant, 7);
    expect(await standing(tenant)).toMatchObject({ accessMode: 'blocked', leave: null });
    await pass(tenant, 16);
    expect((await standing(tenant)).leave).toBe('non_payment');
    const { dueAt } = await offboarding.get.query({ tenantId: tenant.id });
    const { now } = await get(tenant);
    expect(Math.round((Date.parse(dueAt ?? '') - Date.parse(now)) / 86_400_000)).toBe(60);
    expect(await history(tenant)).toMatchObject([
      { trigger: 'payment_failure', mode: 'blocked', invoice: 'in_7', raisedBy: { kind: 'system' } },
    ]);
  });

  test('is ended 60 days after the notice', async () => {
    const tenant = await anOwing();

    await pass(tenant, 30);
    await pass(tenant, 60);

    expect((await standing(tenant)).status).toBe('offboarded');
    expect(await duesOf(tenant)).toEqual([]);
  });

  test('and says so twice is on one ladder', async () => {
    const tenant = await anOwing();

    const refusal = await refusalOf(billing.recordFailure.mutate({ tenantId: tenant.id, note }));

    expect(refusal.reason).toBe('CONFLICT');
    expect((await duesOf(tenant)).filter((kind) => kind === 'dunning_read_only')).toHaveLength(1);
  });

  test('is left alone until the day for which the payment was promised', async () => {
    const tenant = await anOwing();
    await pass(tenant, 7);
    const promisedUntil = new Date(Date.parse((await get(tenant)).now) + 10 * 86_400_000).toISOString();
    await suspension.reinstate.mutate({
      tenantId: tenant.id,
      note: 'on payday',
      resolution: 'payment_promised',
      promisedUntil,
    });

    await pass(tenant, 8);
    expect((await standing(tenant)).accessMode).toBe('full');
    await pass(tenant, 3);

    expect((await standing(tenant)).accessMode).toBe('blocked');
  });
});

describe('paying brings a tenant back to exactly what it was', () => {
  test.each([0, 2, 5, 8, 13, 15, 29, 31, 80])('after %s days', async (days) => {
    const tenant = await anOwing('free');
    const before = await standing(tenant);
    await pass(tenant, days);

    const answer = await pay(tenant);

    expect(answer.dunning).toBeNull();
    expect(await standing(tenant)).toEqual(before);
    await pass(tenant, 100);
    expect(await standing(tenant)).toEqual(before);
    expect((await history(tenant)).every(({ resolution }) => resolution === 'paid')).toBe(true);
  });

  test('and a trial goes on for what was left of it', async () => {
    const tenant = await anOwing('starter');
    const { trialEndsAt } = await standing(tenant);
    await pass(tenant, 7);
    await pass(tenant, 20);

    await pay(tenant);

    const after = await standing(tenant);
    expect(after).toMatchObject({ status: 'trial', plan: 'starter' });
    const moved = Date.parse(after.trialEndsAt ?? '') - Date.parse(trialEndsAt ?? '');
    expect(Math.round(moved / 86_400_000)).toBe(20);
  });

  test('but lifts no other cause, and takes back no other notice', async () => {
    const tenant = await anOwing();
    await suspension.suspend.mutate({
      tenantId: tenant.id,
      trigger: 'security_incident',
      mode: 'blocked',
      note: 'keys were stolen',
    });
    await offboarding.schedule.mutate({
      tenantId: tenant.id,
      trigger: 'customer_request',
      note: 'they leave',
    });
    await pass(tenant, 14);

    const { lifted } = await pay(tenant);

    expect(lifted).toHaveLength(1);
    expect(await standing(tenant)).toMatchObject({
      status: 'suspended',
      accessMode: 'blocked',
      leave: 'customer_request',
    });
  });

  test('however the payment meets the sweep that is about to suspend', async () => {
    const tenants = await Promise.all(Array.from({ length: 8 }, () => anOwing()));

    await Promise.all(tenants.flatMap((tenant) => [advance(tenant, 'P14D'), pay(tenant)]));
    await Promise.all(tenants.map((tenant) => pass(tenant, 1)));

    for (const tenant of tenants) {
      expect(await standing(tenant)).toMatchObject({ status: 'active', accessMode: 'full', leave: null });
      expect(await duesOf(tenant)).toEqual(['payment_due']);
    }
  });
});

describe('a payment that is recorded by hand', () => {
  test('holds until its day; then the dunning begins', async () => {
    const tenant = await aSandbox();
    const paidUntil = new Date(Date.parse((await get(tenant)).now) + 5 * 86_400_000).toISOString();
    await billing.recordPayment.mutate({ tenantId: tenant.id, paidUntil, note: 'by wire' });

    expect(await billing.get.query({ tenantId: tenant.id })).toMatchObject({
      provider: 'manual',
      paidUntil,
      dunning: null,
    });
    await pass(tenant, 6);

    const { dunning } = await billing.get.query({ tenantId: tenant.id });
    expect(dunning?.since).toBe(paidUntil);
    expect(dunning?.next.map(({ kind }) => kind)).toContain('dunning_notice');
  });

  test('is written once for an idempotency key, and in the past it is refused', async () => {
    const tenant = await aSandbox();

    await Promise.all([pay(tenant, { idempotencyKey: 'wire-7' }), pay(tenant, { idempotencyKey: 'wire-7' })]);
    const refusal = await refusalOf(
      billing.recordPayment.mutate({ tenantId: tenant.id, paidUntil: '2020-01-01T00:00:00Z', note: 'late' }),
    );

    expect(refusal.reason).toBe('INVALID_INPUT');
    const accounts = await world.inTenant(tenant.id, ({ em }) => em.find(BillingAccount, {}));
    expect(accounts).toHaveLength(1);
  });

  test('is for operators; an owner sees the account, also while blocked', async () => {
    const tenant = await anOwing();
    await theOwner(world, tenant);
    await pass(tenant, 14);
    const { body } = await signIn(world, tenant.ownerEmail);
    const owner = world.as(body.accessToken);

    expect(await owner.billing.get.query()).toMatchObject({ dunning: { invoice: 'in_7' } });
    expect(await owner.billing.recordPayment.mutate(payment).catch(String)).toContain('suspended');
  });

  test('is not for a tenant’s own people to record', async () => {
    const { accessToken } = await theOwner(world, await aSandbox());

    const refusal = await refusalOf(world.as(accessToken).billing.recordPayment.mutate(payment));

    expect(refusal.reason).toBe('PERMISSION_DENIED');
  });
});

test('the days are configuration, and must ascend', async () => {
  const days = { DUNNING_MAIL_DAYS: '0,1', DUNNING_READ_ONLY_DAYS: '2', DUNNING_BLOCKED_DAYS: '3' };

  expect(readConfig({ ...days, DUNNING_NOTICE_DAYS: '4' }).dunning).toEqual({
    mails: [0, 1],
    readOnly: 2,
    blocked: 3,
    notice: 4,
  });
  expect(() => readConfig({ ...days, DUNNING_NOTICE_DAYS: '3' })).toThrow('must ascend');
  expect(() => readConfig({ DUNNING_MAIL_DAYS: '3,1' })).toThrow('DUNNING_MAIL_DAYS must ascend');
});
