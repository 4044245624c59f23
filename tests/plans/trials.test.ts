import { describe, expect, test } from 'vitest';
import { claimNextDeadline, fireDeadline } from '../../src/actions/lifecycle/due-deadlines.ts';
import { aTenant, anOwner, openWorld, type TestTenant } from '../support/world.ts';
import { refusalOf } from '../api/answers.ts';

// Nothing fires by itself: each test fires what is due.
const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;

const note = 'for a test';
const day = 86_400_000;
const get = (tenantId: string) => operator.tenants.get.query({ tenantId });
const advance = (tenantId: string, by: string) => operator.tenants.advanceClock.mutate({ tenantId, by });
const aFree = (sandbox = true) => aTenant(world, { plan: 'free', sandbox });

/** Fires everything that is due for a tenant, one after the other. */
async function fireDue(tenantId: string): Promise<string[]> {
  const fired: string[] = [];
  for (;;) {
    const kind = await world.inTenant(tenantId, async (scope) => {
      const due = await claimNextDeadline(scope, { wait: true, except: [] });
      if (due === null || due === 'busy') return null;
      await fireDeadline(scope, due);
      return due.kind;
    });
    if (kind === null) return fired;
    fired.push(kind);
  }
}

async function pass(tenantId: string, by: string): Promise<string[]> {
  await advance(tenantId, by);
  return fireDue(tenantId);
}

async function mailsOf(tenantId: string): Promise<string[]> {
  const rows = await world.inTenant(tenantId, ({ em }) =>
    em.execute<{ mail: string }[]>(
      `select distinct mail, occurrence, promised_at from notifications where mail like 'trial%' order by promised_at`,
    ),
  );
  return rows.map(({ mail }) => mail);
}

describe('a trial that an operator gives', () => {
  test('lasts as long as is said, is told, and returns the tenant to the plan it had before', async () => {
    const tenant = await aFree();
    const tenantId = tenant.id;
    await anOwner(world, tenant);
    await operator.plans.change.mutate({ tenantId, plan: 'starter', note });

    const given = await operator.plans.startTrial.mutate({ tenantId, plan: 'enterprise', days: 30, note });
    const left = Date.parse(given.trialEndsAt ?? '') - Date.parse((await get(tenantId)).now);
    const early = await pass(tenantId, 'P29DT23H59M');
    const before = await get(tenantId);
    const last = await pass(tenantId, 'PT1M');

    expect(given).toMatchObject({ plan: 'enterprise', status: 'trial' });
    expect(Math.abs(left - 30 * day)).toBeLessThan(60_000);
    expect(early.filter((kind) => kind.startsWith('trial'))).toEqual([
      'trial_notice_7',
      'trial_will_end',
      'trial_notice_1',
    ]);
    expect(before).toMatchObject({ plan: 'enterprise', status: 'trial' });
    expect(last).toContain('trial_end');
    expect(await get(tenantId)).toMatchObject({ plan: 'starter', status: 'active' });
    expect(await mailsOf(tenantId)).toEqual(['trial_started', 'trial_notice', 'trial_notice', 'trial_ended']);
  });

  test('is previewed with its end, and changes nothing until it is given', async () => {
    const { id: tenantId } = await aFree();

    const { preview } = await operator.plans.startTrial.mutate({
      tenantId,
      plan: 'professional',
      note,
      preview: true,
    });

    expect(preview?.deadlines.set.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['trial_end', 'trial_will_end']),
    );
    expect(await get(tenantId)).toMatchObject({ plan: 'free', status: 'active', trialEndsAt: null });
  });

  test('is given once, and once more only where that is said', async () => {
    const { id: tenantId } = await aFree();
    const trial = { tenantId, plan: 'starter', days: 1, note } as const;
    await operator.plans.startTrial.mutate(trial);
    await pass(tenantId, 'P1D');

    const second = await refusalOf(operator.plans.startTrial.mutate(trial));
    const again = await operator.plans.startTrial.mutate({ ...trial, again: true });

    expect(second).toMatchObject({ reason: 'CONFLICT', field: 'again' });
    expect(again).toMatchObject({ plan: 'starter', status: 'trial' });
  });

  test.each([
    ['to a tenant on trial', { plan: 'starter' }, 'TRANSITION_NOT_ALLOWED'],
    ['of the plan it has', { plan: 'free', to: 'free' }, 'CONFLICT'],
  ] as const)('is not given %s', async (_, { plan, ...more }, reason) => {
    const { id: tenantId } = await aTenant(world, { plan });
    const to = 'to' in more ? more.to : 'professional';

    expect(await refusalOf(operator.plans.startTrial.mutate({ tenantId, plan: to, note }))).toMatchObject({
      reason,
    });
  });

  test('is no owner’s to give', async () => {
    const tenant = await aFree();
    const owner = world.as((await anOwner(world, tenant)).accessToken);

    const start = await refusalOf(owner.plans.startTrial.mutate({ plan: 'enterprise', note }));
    const extend = await refusalOf(owner.plans.extendTrial.mutate({ days: 7, note }));

    expect([start.reason, extend.reason]).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
  });
});

describe('a trial that is extended', () => {
  test('moves its deadlines and is announced anew', async () => {
    const { id: tenantId } = await aTenant(world, { plan: 'professional', sandbox: true });
    await pass(tenantId, 'P13DT1H');
    const before = Date.parse((await get(tenantId)).trialEndsAt ?? '');

    const extended = await operator.plans.extendTrial.mutate({ tenantId, days: 10, note });
    const fired = await pass(tenantId, 'P9D');

    expect(Date.parse(extended.trialEndsAt ?? '') - before).toBe(10 * day);
    expect(fired.filter((kind) => kind.startsWith('trial'))).toEqual(['trial_notice_7', 'trial_will_end']);
    expect(await get(tenantId)).toMatchObject({ plan: 'professional', status: 'trial' });
    await pass(tenantId, 'P2D');
    expect(await get(tenantId)).toMatchObject({ plan: 'free', status: 'active' });
    expect((await mailsOf(tenantId)).filter((mail) => mail === 'trial_extended')).toHaveLength(1);
  });

  test('while it stands still lasts so much longer when it goes on', async () => {
    const { id: tenantId } = await aTenant(world, { plan: 'professional', sandbox: true });
    const cause = { trigger: 'customer_request', mode: 'read_only', note } as const;
    await operator.suspension.suspend.mutate({ tenantId, ...cause });

    await operator.plans.extendTrial.mutate({ tenantId, days: 3, note });
    await advance(tenantId, 'P20D');
    await operator.suspension.reinstate.mutate({ tenantId, note });

    const { trialEndsAt, now } = await get(tenantId);
    expect(Math.abs(Date.parse(trialEndsAt ?? '') - Date.parse(now) - 17 * day)).toBeLessThan(60_000);
  });

  test('is one that there is', async () => {
    const { id: tenantId } = await aFree();

    expect(await refusalOf(operator.plans.extendTrial.mutate({ tenantId, days: 3, note }))).toMatchObject({
      reason: 'TRANSITION_NOT_ALLOWED',
    });
  });
});

/** A tenant on trial with so many projects. */
async function aFullTrial(projects: number): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan: 'starter', sandbox: true });
  for (let index = 0; index < projects; index += 1)
    await operator.projects.create.mutate({ tenantId: tenant.id, name: `P${index}` });
  return tenant;
}

describe('the end of a trial', () => {
  test('leaves a tenant that just fits the free plan as it is', async () => {
    const { id: tenantId } = await aFullTrial(10);

    await pass(tenantId, 'P14D');

    expect(await get(tenantId)).toMatchObject({ plan: 'free', status: 'active' });
  });

  test('makes one that uses more readable only, until it has freed enough', async () => {
    const { id: tenantId } = await aFullTrial(11);

    await pass(tenantId, 'P14D');
    const ended = await get(tenantId);
    const { items } = await operator.suspension.history.query({ tenantId });
    const [project] = (await operator.projects.list.query({ tenantId })).items;
    await operator.projects.remove.mutate({ tenantId, projectId: project?.id ?? '' });

    expect(ended).toMatchObject({ plan: 'free', status: 'suspended', accessMode: 'read_only' });
    expect(items).toMatchObject([{ trigger: 'trial_expired', mode: 'read_only' }]);
    expect(await get(tenantId)).toMatchObject({ plan: 'free', status: 'active', accessMode: 'full' });
  });

  test('and what followed it ends with a larger plan', async () => {
    const { id: tenantId } = await aFullTrial(11);
    await pass(tenantId, 'P14D');

    await operator.plans.change.mutate({ tenantId, plan: 'starter', note: 'they bought it' });

    expect(await get(tenantId)).toMatchObject({ plan: 'starter', status: 'active' });
  });

  test('keeps the plan that is paid for', async () => {
    const { id: tenantId } = await aTenant(world, { plan: 'professional', sandbox: true });
    await operator.billing.recordPayment.mutate({ tenantId, paidUntil: '2100-01-01T00:00:00Z', note });

    await pass(tenantId, 'P14D');

    expect(await get(tenantId)).toMatchObject({ plan: 'professional', status: 'active' });
    expect(await mailsOf(tenantId)).not.toContain('trial_ended');
  });

  test('comes after so many times 24 hours, also where the clocks change in between', async () => {
    const { id: tenantId } = await aFree();
    await operator.tenants.update.mutate({ tenantId, settings: { timeZone: 'Europe/Berlin' } });
    const { now } = await get(tenantId);
    const night = Date.UTC(new Date(now).getUTCFullYear() + 1, 2, 20, 1, 30);
    await advance(tenantId, `PT${Math.round((night - Date.parse(now)) / 1000)}S`);

    await operator.plans.startTrial.mutate({ tenantId, plan: 'starter', days: 14, note });
    const early = await pass(tenantId, 'P13DT23H59M');
    const last = await pass(tenantId, 'PT1M');

    expect(early).not.toContain('trial_end');
    expect(last).toContain('trial_end');
  });
});
