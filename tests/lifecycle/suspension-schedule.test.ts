import { describe, expect, test } from 'vitest';
import { suspendTenant as raise } from '../../src/actions/suspension/suspension.ts';
import { auditOf, refusalOf, signIn } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { suspending } from './suspending.ts';

const world = await openWorld();
const { suspension, offboarding, plans } = world.operator;
const { get, history, advance, until, inDays, deadlinesOf, toldOf } = suspending(world);

const note = 'a reason';
const aSandbox = (plan: 'free' | 'professional' = 'free') => aTenant(world, { plan, sandbox: true });
const suspend = (tenant: { id: string }, more: object = {}) =>
  suspension.suspend.mutate({
    tenantId: tenant.id,
    trigger: 'terms_violation',
    mode: 'read_only',
    note,
    ...more,
  });
const reinstate = (tenant: { id: string }, more: object = {}) =>
  suspension.reinstate.mutate({ tenantId: tenant.id, note: 'over', ...more });

describe('a suspension for later', () => {
  test('changes nothing before its day, and begins and ends by itself', async () => {
    const tenant = await aSandbox();
    const [startsAt, endsAt] = [await inDays(tenant, 3), await inDays(tenant, 5)];

    const scheduled = await suspend(tenant, { startsAt, endsAt });
    await advance(tenant, 'P2D');
    const before = await get(tenant);
    await advance(tenant, 'P1D');
    await until(tenant, 'suspended');
    await advance(tenant, 'P2D');
    await until(tenant, 'active');

    expect(scheduled).toMatchObject({ status: 'active', suspension: { startsAt, startedAt: null, endsAt } });
    expect(before).toMatchObject({ status: 'active', accessMode: 'full' });
    expect(await history(tenant)).toMatchObject([
      { startedAt: expect.any(String), resolution: 'ended', liftedBy: { kind: 'system', id: null } },
    ]);
    expect(await toldOf(tenant)).toEqual(['suspension_scheduled', 'suspended', 'reinstated']);
  });

  test('that is taken back before its day never begins', async () => {
    const tenant = await aSandbox();
    await suspend(tenant, { startsAt: await inDays(tenant, 3) });

    const taken = await reinstate(tenant);
    await advance(tenant, 'P4D');

    expect(taken).toMatchObject({
      status: 'active',
      suspension: { resolution: 'withdrawn', startedAt: null },
    });
    expect(await deadlinesOf(tenant)).toEqual([]);
    expect(await auditOf(world, tenant.id)).toEqual(expect.arrayContaining(['suspension.cancelled']));
    expect(await auditOf(world, tenant.id)).not.toContain('tenant.suspended');
  });

  test('is not what a reinstatement without a name means while another is open', async () => {
    const tenant = await aSandbox();
    await suspend(tenant, { startsAt: await inDays(tenant, 3) });
    const open = await suspend(tenant);

    const lifted = await reinstate(tenant);

    expect(lifted).toMatchObject({ status: 'active', suspension: { id: open.suspension.id } });
    expect(await deadlinesOf(tenant)).toEqual(['suspension_start']);
  });

  test.each([
    ['starts in the past', { startsAt: '2020-01-01T00:00:00Z' }, 'startsAt'],
    ['ends before it starts', { startsAt: '2098-01-01T00:00:00Z', endsAt: '2097-01-01T00:00:00Z' }, 'endsAt'],
    ['has ended already', { endsAt: '2020-01-01T00:00:00Z' }, 'endsAt'],
  ])('that %s is refused, and leaves nothing', async (_, times, field) => {
    const tenant = await aSandbox();

    const refusal = await refusalOf(suspend(tenant, times));

    expect([refusal.reason, refusal.message.split(':')[0]]).toEqual(['INVALID_INPUT', field]);
    expect(await history(tenant)).toEqual([]);
  });
});

describe('a tenant’s admins', () => {
  test('hear nothing of a suspension that is not to be told, now or later', async () => {
    const [now, later] = [await aSandbox(), await aSandbox()];
    await suspend(now, { notify: false });
    await suspend(later, { notify: false, startsAt: await inDays(later, 1) });
    await advance(later, 'P1D');
    await until(later, 'suspended');

    await reinstate(now, { notify: false });

    expect(await toldOf(now)).toEqual([]);
    expect(await toldOf(later)).toEqual([]);
  });

  test('hear of the reinstatement, but not that a secret plan was dropped', async () => {
    const [told, dropped] = [await aSandbox(), await aSandbox()];
    await suspend(told, { notify: false });
    await suspend(dropped, { notify: false, startsAt: await inDays(dropped, 1) });

    await reinstate(told);
    await reinstate(dropped);

    expect(await toldOf(told)).toEqual(['reinstated']);
    expect(await toldOf(dropped)).toEqual([]);
  });
});

describe('an owner', () => {
  test('who closed the tenant opens it again from a new session, and from no block of somebody else', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    await owner.client.suspension.suspend.mutate({ trigger: 'customer_request', mode: 'blocked', note });
    const { body } = await signIn(world, owner.email);
    const client = world.as(body.accessToken);
    const incident = await suspend(tenant, { trigger: 'security_incident', mode: 'blocked' });
    const again = world.as((await signIn(world, owner.email)).body.accessToken);

    const refusal = await refusalOf(again.suspension.reinstate.mutate({ note: 'we are back' }));
    await reinstate(tenant, { suspensionId: incident.suspension.id });
    const reopened = await again.suspension.reinstate.mutate({ note: 'we are back' });

    expect((await refusalOf(client.suspension.reinstate.mutate({ note }))).reason).toBe(
      'INVALID_CREDENTIALS',
    );
    expect(refusal.reason).toBe('TENANT_SUSPENDED');
    expect(reopened).toMatchObject({ status: 'active', accessMode: 'full' });
  });
});

describe('a tenant on notice', () => {
  test('is suspended and reinstated as any other, and stays on notice', async () => {
    const tenant = await aSandbox();
    await offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note });

    expect((await suspend(tenant, { mode: 'blocked' })).accessMode).toBe('blocked');
    expect((await reinstate(tenant)).accessMode).toBe('full');
    expect((await offboarding.get.query({ tenantId: tenant.id })).phase).toBe('scheduled');
  });

  test('that has ended is neither suspended nor reinstated, and has no deadline of a suspension', async () => {
    const tenant = await anEnded();

    const refusals = [await refusalOf(suspend(tenant)), await refusalOf(reinstate(tenant))];

    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ reason: 'TRANSITION_NOT_ALLOWED', from: 'offboarded' });
      expect(refusal['allowed']).toEqual(['cancel_offboarding', 'claim_purge']);
    }
    expect(await deadlinesOf(tenant)).toEqual([]);
  });

  test('that is taken back after its end has the deadlines of its suspensions again', async () => {
    const tenant = await anEnded();

    await offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

    expect(await deadlinesOf(tenant)).toEqual(['payment_promise', 'suspension_end', 'suspension_start']);
    expect(await get(tenant)).toMatchObject({ status: 'suspended', accessMode: 'read_only' });
    await advance(tenant, 'P10D');
    await expect.poll(() => deadlinesOf(tenant)).toEqual([]);
    expect((await history(tenant)).map(({ resolution }) => resolution)).toEqual([
      null,
      null,
      'ended',
      'payment_promised',
    ]);
  });
});

/** A tenant that ended with a suspension open, one for later, and a payment promised. */
async function anEnded(): Promise<TestTenant> {
  const tenant = await aSandbox();
  const days = (count: number) => inDays(tenant, count);
  await suspend(tenant, { trigger: 'payment_failure', invoice: 'in_1' });
  await reinstate(tenant, { resolution: 'payment_promised', promisedUntil: await days(36) });
  await suspend(tenant, { endsAt: await days(35) });
  await suspend(tenant, { startsAt: await days(34), mode: 'blocked' });
  await offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note });
  await advance(tenant, 'P30D');
  await until(tenant, 'offboarded');
  return tenant;
}

test('a tenant that is being set up returns to that, and its checklist waits', async () => {
  const tenant = await aTenant(world, { onboarding: true });

  const suspended = await suspend(tenant);
  const live = await refusalOf(world.operator.onboarding.goLive.mutate({ tenantId: tenant.id }));

  expect(suspended.status).toBe('suspended');
  expect(live).toMatchObject({ reason: 'TRANSITION_NOT_ALLOWED', from: 'suspended', action: 'go_live' });
  expect((await reinstate(tenant)).status).toBe('onboarding');
});

test('a suspension for a trial that has expired ends when the plan changes, and no other does', async () => {
  const tenant = await aSandbox('professional');
  const expired = { trigger: 'trial_expired', mode: 'read_only', note, notify: true } as const;
  await world.inTenant(tenant.id, (scope) => raise(scope, expired));
  await suspend(tenant);

  await plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when: 'now', note: 'agreed' });

  expect(await history(tenant)).toMatchObject([
    { trigger: 'terms_violation', liftedAt: null },
    {
      trigger: 'trial_expired',
      resolution: 'ended',
      liftedBy: { kind: 'system', id: null },
      liftNote: 'the plan is starter now',
    },
  ]);
  expect((await get(tenant)).status).toBe('suspended');
});
