import { describe, expect, test } from 'vitest';
import { Approval } from '../../src/db/entities/operations.ts';
import { offboardingTriggers } from '../../src/domain/lifecycle/offboarding.ts';
import { auditOf, refusalOf } from '../api/answers.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';
import { day, leaving, note } from './leaving.ts';

const world = await openWorld();
const { operator } = world;
const { schedule, get, advance, offboarded, deadlinesOf } = leaving(world);

describe('notice', () => {
  test.each([
    ['customer_request', 30],
    ['contract_end', 30],
    ['non_payment', 60],
  ] as const)('for %s runs %i days, and access stays as it is until then', async (trigger, graceDays) => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);

    const given = await schedule(tenant, trigger);

    const days = (Date.parse(given.effectiveAt) - Date.now()) / day;
    expect(given).toMatchObject({ trigger, phase: 'scheduled', note, dueAt: given.effectiveAt });
    expect(days).toBeCloseTo(graceDays, 2);
    expect((await get(tenant)).status).toBe('active');
    await owner.client.projects.create.mutate({ name: 'as before' });
  });

  test('sets its end, and reminders 7 days and 1 day before it', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const { effectiveAt } = await schedule(tenant);

    const end = Date.parse(effectiveAt);
    expect(await deadlinesOf(tenant)).toMatchObject({
      offboarding_execution: new Date(end),
      offboarding_notice_7: new Date(end - 7 * day),
      offboarding_notice_1: new Date(end - day),
    });
  });

  test('is given once: a second one is refused, naming what is allowed', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    await schedule(tenant);

    const refusal = await refusalOf(schedule(tenant, 'contract_end'));

    expect(refusal).toMatchObject({
      reason: 'TRANSITION_NOT_ALLOWED',
      from: 'active',
      action: 'schedule_offboarding',
      phase: 'scheduled',
      allowed: ['change_plan', 'suspend', 'cancel_offboarding', 'execute_offboarding'],
    });
  });

  test('in the past is refused, and leaves nothing', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const effectiveAt = new Date(Date.now() - day).toISOString();

    const refusal = await refusalOf(
      operator.offboarding.schedule.mutate({
        tenantId: tenant.id,
        trigger: 'customer_request',
        note,
        effectiveAt,
      }),
    );

    expect(refusal.reason).toBe('INVALID_INPUT');
    expect(await deadlinesOf(tenant)).not.toHaveProperty('offboarding_execution');
    expect(await auditOf(world, tenant.id)).not.toContain('offboarding.scheduled');
  });

  test('is given by an owner for their own request and for nothing else, and by no admin or member', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);
    const others = [await aPerson(world, tenant.id, 'admin'), await aPerson(world, tenant.id, 'member')];

    for (const trigger of offboardingTriggers.filter((each) => each !== 'customer_request'))
      expect((await refusalOf(owner.client.offboarding.schedule.mutate({ trigger, note }))).reason).toBe(
        'PERMISSION_DENIED',
      );
    for (const { client } of others) {
      const asked = client.offboarding.schedule.mutate({ trigger: 'customer_request', note });
      expect((await refusalOf(asked)).reason).toBe('PERMISSION_DENIED');
    }
    const given = await owner.client.offboarding.schedule.mutate({ trigger: 'customer_request', note });
    expect(given.requestedBy).toEqual({ kind: 'user', id: owner.user.id });
  });

  test.each([
    ['billing', false],
    ['read_only', false],
    ['customer_success', true],
    ['engineering', true],
  ] as const)('by an operator of the role %s: %s', async (role, may) => {
    const tenant = await aTenant(world, { plan: 'free' });
    const { client } = await anOperator(world, role);

    const asked = client.offboarding.schedule.mutate({
      tenantId: tenant.id,
      trigger: 'contract_end',
      note,
    });

    if (may) expect((await asked).phase).toBe('scheduled');
    else expect((await refusalOf(asked)).reason).toBe('PERMISSION_DENIED');
  });

  test('belongs to the tenant: it ends on its date though who asked has left since', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    const owner = await theOwner(world, tenant);
    const second = await aPerson(world, tenant.id, 'owner');
    await second.client.offboarding.schedule.mutate({ trigger: 'customer_request', note });
    await owner.client.directory.users.deactivate.mutate({ userId: second.user.id });

    await advance(tenant, 'P30D');

    await offboarded(tenant);
  });
});

describe('taking it back', () => {
  test('on notice clears its deadlines, and notice can be given anew', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    await schedule(tenant);

    const cancelled = await operator.offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

    expect(cancelled).toMatchObject({ phase: 'cancelled', cancelNote: 'they stay' });
    expect(Object.keys(await deadlinesOf(tenant))).not.toContain('offboarding_execution');
    expect((await schedule(tenant)).phase).toBe('scheduled');
  });

  test('is for who may give notice for that reason: an owner takes back no contract end', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);
    await schedule(tenant, 'contract_end');

    expect((await refusalOf(owner.client.offboarding.cancel.mutate({ note: 'no' }))).reason).toBe(
      'PERMISSION_DENIED',
    );
  });

  test('without notice is refused, naming what is allowed', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const refusal = await refusalOf(operator.offboarding.cancel.mutate({ tenantId: tenant.id, note }));

    expect(refusal).toMatchObject({
      reason: 'TRANSITION_NOT_ALLOWED',
      allowed: ['start_trial', 'change_plan', 'suspend', 'schedule_offboarding'],
    });
  });

  test('after the end makes a tenant what it was; what access ended stays ended', async () => {
    const tenant = await aTenant(world, { plan: 'enterprise', sandbox: true });
    const owner = await theOwner(world, tenant);
    const { token } = await aScimToken(world, tenant);
    await schedule(tenant);
    await advance(tenant, 'P30D');
    await offboarded(tenant);

    await operator.offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

    expect(await get(tenant)).toMatchObject({ status: 'active', accessMode: 'full' });
    expect((await world.send('/api/auth/me', { token: owner.accessToken })).status).toBe(401);
    expect((await world.send(`/scim/v2/${tenant.slug}/Users`, { token })).status).toBe(401);
    expect(Object.keys(await deadlinesOf(tenant))).not.toContain('purge');
  });

  test('after the end a trial goes on for what was left of it', async () => {
    const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
    await world.inTenant(tenant.id, async ({ em }) => {
      await em.execute(`update tenants set trial_ends_at = trial_ends_at + interval '40 days' where id = ?`, [
        tenant.id,
      ]);
      await em.execute(
        `update deadlines set due_at = due_at + interval '40 days', fires_at = fires_at + interval '40 days' where kind like 'trial%'`,
      );
    });
    await schedule(tenant);
    await advance(tenant, 'P35D');
    await offboarded(tenant);

    await operator.offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

    const { status, trialEndsAt, now } = await get(tenant);
    expect(status).toBe('trial');
    expect((Date.parse(trialEndsAt ?? '') - Date.parse(now)) / day).toBeCloseTo(24, 1);
    expect(Object.keys(await deadlinesOf(tenant))).toContain('trial_end');
  });

  test('after the end a suspended tenant is suspended again, by what is still open', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    await operator.suspension.suspend.mutate({
      tenantId: tenant.id,
      trigger: 'security_incident',
      mode: 'blocked',
      note: 'keys leaked',
    });
    await schedule(tenant);
    await advance(tenant, 'P30D');
    await offboarded(tenant);

    await operator.offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

    expect(await get(tenant)).toMatchObject({ status: 'suspended', suspensionMode: 'blocked' });
    await operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'over' });
    expect((await get(tenant)).status).toBe('active');
  });
});

describe('without grace', () => {
  test('is refused and stored for a second person, and nothing has changed', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const refusal = await refusalOf(schedule(tenant, 'terms_violation'));

    const { items } = await world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em }) => ({
      items: await em.find(Approval, { tenantId: tenant.id }),
    }));
    expect(refusal).toMatchObject({
      reason: 'APPROVAL_REQUIRED',
      action: 'offboarding.schedule',
      approvalId: items[0]?.id,
    });
    expect(items).toMatchObject([{ state: 'pending', input: { trigger: 'terms_violation', note } }]);
    expect((await get(tenant)).status).toBe('active');
    expect(await auditOf(world, tenant.id)).not.toContain('offboarding.scheduled');
  });

  test('asked for by an owner it waits for an operator', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);
    const effectiveAt = new Date(Date.now() + day).toISOString();

    const refusal = await refusalOf(
      owner.client.offboarding.schedule.mutate({ trigger: 'customer_request', note, effectiveAt }),
    );

    expect(refusal).toMatchObject({ reason: 'APPROVAL_REQUIRED', approvalId: expect.any(String) });
  });
});
