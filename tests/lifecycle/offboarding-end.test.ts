import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LegalHold, Offboarding } from '../../src/db/entities/offboarding.ts';
import { PlanPolicy, Task } from '../../src/db/entities/operations.ts';
import { call, refusalOf } from '../api/answers.ts';
import { anInvitation, anOperator, theOwner } from '../api/people.ts';
import { aScimToken, aTenant, eventually, openWorld } from '../support/world.ts';
import { day, leaving, note } from './leaving.ts';

const world = await openWorld();
const { operator } = world;
const { schedule, advance, offboarded, deadlinesOf, anOffboarded } = leaving(world);

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
    const synced = await world.send(`/scim/v2/${tenant.slug}/Users`, { token });
    expect([synced.status, synced.body.detail]).toEqual([403, expect.stringContaining('offboarded')]);
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
    await operator.plans.change.mutate({ tenantId: tenant.id, plan: 'free', when: 'now', note: 'agreed' });
    await operator.plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when: 'now', note: 'agreed' });
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
