import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Deadline } from '../../src/db/entities/control.ts';
import { LegalHold, Offboarding } from '../../src/db/entities/offboarding.ts';
import { PlanPolicy, Task } from '../../src/db/entities/operations.ts';
import { offboardingTriggers } from '../../src/domain/lifecycle/offboarding.ts';
import { auditOf, call, refusalOf } from '../api/answers.ts';
import { anInvitation, anOperator, aPerson, theOwner } from '../api/people.ts';
import { aScimToken, aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';

const world = await openWorld();
const { operator } = world;
const day = 86_400_000;

const note = 'the customer asked';
const schedule = (
  tenant: { id: string },
  trigger: (typeof offboardingTriggers)[number] = 'customer_request',
) => operator.offboarding.schedule.mutate({ tenantId: tenant.id, trigger, note });
const get = (tenant: { id: string }) => operator.tenants.get.query({ tenantId: tenant.id });
const advance = (tenant: { id: string }, by: string) =>
  operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by });
const offboarded = (tenant: { id: string }) =>
  eventually(async () => (await get(tenant)).status === 'offboarded', 'the offboarding');

/** A sandbox tenant whose notice is over. */
async function anOffboarded(plan: 'free' | 'professional' | 'enterprise' = 'free'): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan, sandbox: true });
  await schedule(tenant);
  await advance(tenant, 'P30D');
  await offboarded(tenant);
  return tenant;
}

function deadlinesOf({ id }: { id: string }): Promise<Record<string, Date>> {
  return world.inTenant(id, async ({ em }) => {
    const found = await em.find(Deadline, { tenantId: id });
    return Object.fromEntries(found.map(({ kind, dueAt }) => [kind, dueAt]));
  });
}

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
      allowed: ['change_plan', 'suspend', 'schedule_offboarding'],
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

describe('the end', () => {
  test('comes by itself on its date, and no credential of the tenant works from then on', async () => {
    const tenant = await aTenant(world, { plan: 'enterprise', sandbox: true });
    const owner = await theOwner(world, tenant);
    const { token } = await aScimToken(world, tenant);
    const invitation = await anInvitation(world, tenant.id, {
      email: `late-${randomUUID()}@x.example`,
      role: 'member',
    });
    await schedule(tenant);

    await advance(tenant, 'P30D');
    await offboarded(tenant);

    const me = await world.send('/api/auth/me', { token: owner.accessToken });
    const tried = await call(world.url, 'projects.create', {
      token: owner.accessToken,
      input: { name: 'x' },
    });
    const refreshed = await world.send('/api/auth/refresh', { body: { refreshToken: owner.refreshToken } });
    const accepted = await world.send('/api/auth/accept-invitation', {
      body: { token: invitation, password: 'seven purple herons drift west' },
    });
    const login = await world.send('/api/auth/login', {
      body: { email: owner.email, password: 'seven purple herons drift west' },
    });
    expect([me.status, me.body.reason]).toEqual([403, 'TENANT_OFFBOARDED']);
    expect([tried.status, tried.body.error.data.reason]).toEqual([403, 'TENANT_OFFBOARDED']);
    expect([refreshed.status, refreshed.body.reason]).toEqual([403, 'TENANT_OFFBOARDED']);
    expect([login.status, login.body.reason]).toEqual([403, 'TENANT_OFFBOARDED']);
    expect(accepted.status).toBe(401);
    expect((await world.send(`/scim/v2/${tenant.slug}/Users`, { token })).status).toBe(401);
  });

  test.each([
    ['by default', 30, async () => undefined],
    [
      'of its own',
      3,
      (id: string) => operator.tenants.update.mutate({ tenantId: id, settings: { retentionDays: 3 } }),
    ],
    [
      'of its plan’s policy',
      9,
      () =>
        world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
          em.upsert(PlanPolicy, {
            plan: 'starter',
            retentionDays: 9,
            inactivityDays: null,
            updatedAt: new Date(),
          }),
        ),
    ],
  ] as const)('keeps the data for the retention %s: %i days', async (_, retentionDays, prepare) => {
    const tenant = await aTenant(world, { plan: 'starter', sandbox: true });
    await operator.plans.change.mutate({ tenantId: tenant.id, plan: 'free' });
    await operator.plans.change.mutate({ tenantId: tenant.id, plan: 'starter' });
    await prepare(tenant.id);
    await world.inTenant(tenant.id, ({ em }) => em.execute(`delete from deadlines where kind like 'trial%'`));
    await schedule(tenant);

    await advance(tenant, 'P30D');
    await offboarded(tenant);

    const { executedAt, purgeDueAt, phase } = await operator.offboarding.get.query({ tenantId: tenant.id });
    expect(phase).toBe('executed');
    expect((Date.parse(purgeDueAt ?? '') - Date.parse(executedAt ?? '')) / day).toBeCloseTo(retentionDays, 5);
  });

  test('opens the closing checklist, with who and by when', async () => {
    const tenant = await anOffboarded();

    const tasks = await world.inTenant(tenant.id, ({ em }) =>
      em.find(Task, { tenantId: tenant.id, doneAt: null }),
    );

    expect(tasks.map(({ kind, ownerRole }) => `${kind} ${ownerRole}`).toSorted()).toEqual([
      'closing_billing billing',
      'closing_communications customer_success',
      'closing_tickets customer_success',
    ]);
  });

  test('is written into the tenant’s own history, with who and why', async () => {
    const tenant = await anOffboarded();

    const [offboarding] = await world.inTenant(tenant.id, ({ em }) =>
      em.find(Offboarding, { tenantId: tenant.id }),
    );

    expect(offboarding).toMatchObject({
      trigger: 'customer_request',
      note,
      requestedByKind: 'operator',
      executedByKind: 'system',
      statusBefore: 'active',
    });
  });
});

describe('a legal hold', () => {
  test('stops the purge and nothing else', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    await operator.offboarding.placeHold.mutate({ tenantId: tenant.id, note: 'a court asked' });
    await schedule(tenant);

    await advance(tenant, 'P90D');
    await offboarded(tenant);
    await eventually(async () => !('purge' in (await deadlinesOf(tenant))), 'the purge to come due');

    const after = await operator.offboarding.get.query({ tenantId: tenant.id });
    expect(after).toMatchObject({ phase: 'executed', legalHold: { note: 'a court asked' } });
  });

  test('is placed once at a time, by care and engineering alone', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const { client } = await anOperator(world, 'billing');
    const place = (by = operator) => by.offboarding.placeHold.mutate({ tenantId: tenant.id, note: 'x' });

    expect((await refusalOf(place(client))).reason).toBe('PERMISSION_DENIED');
    const answers = await Promise.allSettled([place(), place(), place()]);

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const holds = await world.inTenant(tenant.id, ({ em }) => em.count(LegalHold, { tenantId: tenant.id }));
    expect(holds).toBe(1);
  });

  test('that was not placed is not released', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const refusal = await refusalOf(
      operator.offboarding.releaseHold.mutate({ tenantId: tenant.id, note: 'x' }),
    );

    expect(refusal.reason).toBe('NOT_FOUND');
  });
});
