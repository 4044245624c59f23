import { describe, expect, test } from 'vitest';
import { beActive } from '../../src/actions/suspension/activity.ts';
import { suspendInactive } from '../../src/actions/suspension/inactivity.ts';
import { suspendTenant } from '../../src/actions/suspension/suspension.ts';
import { signIn } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { aScimToken, aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';
import { suspending } from './suspending.ts';

const world = await openWorld();
const { suspension, plans, serviceClients } = world.operator;
const { get, history, advance, until, deadlinesOf, toldOf } = suspending(world);
const { secret } = await serviceClients.create.mutate({ name: 'host' });
const policy = (plan: 'free' | 'enterprise') => plans.setPolicy.mutate({ plan, inactivityDays: 30 });
await policy('free');

const idle = ['inactivity_notice_14', 'inactivity_notice_3', 'inactivity_suspension'];
const hour = 3_600_000;

const aSandbox = (plan: 'free' | 'enterprise' = 'free') => aTenant(world, { plan, sandbox: true });
const warnings = (tenant: TestTenant, count: number) =>
  eventually(
    async () => (await toldOf(tenant)).filter((mail) => mail === 'inactivity_notice').length === count,
    `warning ${count}`,
  );

/** Suspends a tenant as idle, without the days, and lets an hour pass. */
async function beIdle(tenant: TestTenant): Promise<void> {
  const cause = { trigger: 'inactivity', mode: 'read_only', note: 'idle', notify: true } as const;
  await world.inTenant(tenant.id, (scope) => suspendTenant(scope, cause));
  await advance(tenant, 'PT1H');
}

async function lastUse({ id }: TestTenant): Promise<number> {
  const [row] = await world.inTenant(id, ({ em }) =>
    em.execute<{ at: string }[]>('select last_active_at as at from tenant_activity'),
  );
  return Date.parse(row?.at ?? '');
}

describe('a tenant that nobody uses', () => {
  test('is warned 14 and 3 days before, then suspended read-only, and by hand has all that anew', async () => {
    const tenant = await aSandbox();
    await theOwner(world, tenant);
    expect(await deadlinesOf(tenant)).toEqual(idle);

    await advance(tenant, 'P16D');
    await warnings(tenant, 1);
    await advance(tenant, 'P11D');
    await warnings(tenant, 2);
    const between = await get(tenant);
    await advance(tenant, 'P3D');
    await until(tenant, 'suspended');

    expect(between.status).toBe('active');
    expect(await toldOf(tenant)).toEqual(['inactivity_notice', 'inactivity_notice', 'suspended']);
    expect(await history(tenant)).toMatchObject([
      { trigger: 'inactivity', mode: 'read_only', priority: 'P2', raisedBy: { kind: 'system', id: null } },
    ]);
    expect(await deadlinesOf(tenant)).toEqual([]);

    await suspension.reinstate.mutate({ tenantId: tenant.id, note: 'they are on a long holiday' });
    expect(await deadlinesOf(tenant)).toEqual(idle);
    await advance(tenant, 'P30D');
    await until(tenant, 'suspended');
    await warnings(tenant, 4);
  });

  test('is let alone where its plan says nothing of it, which is the default', async () => {
    const tenant = await aSandbox('enterprise');
    expect(await deadlinesOf(tenant)).toEqual([]);

    await world.inTenant(tenant.id, suspendInactive);

    expect(await get(tenant)).toMatchObject({ status: 'active' });
  });

  test('has no day of suspension while it is suspended for something else, and all its days after that', async () => {
    const tenant = await aSandbox();
    const cause = { trigger: 'terms_violation', mode: 'read_only', note: 'x' } as const;
    await suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
    const during = await deadlinesOf(tenant);
    await advance(tenant, 'P60D');

    await suspension.reinstate.mutate({ tenantId: tenant.id, note: 'over' });
    await advance(tenant, 'P15D');

    expect(during).toEqual([]);
    expect(await deadlinesOf(tenant)).toEqual(idle);
    expect((await get(tenant)).status).toBe('active');
  });

  test('and comes to a plan that minds is warned before anything happens', async () => {
    const tenant = await aSandbox('enterprise');
    await theOwner(world, tenant);
    await advance(tenant, 'P300D');

    await plans.change.mutate({ tenantId: tenant.id, plan: 'free', when: 'now', note: 'agreed' });

    await warnings(tenant, 1);
    expect((await get(tenant)).status).toBe('active');
    await advance(tenant, 'P14D');
    await until(tenant, 'suspended');
  });
});

describe('a use', () => {
  test('of any kind ends a suspension for inactivity with that very request', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    const { client, email, accessToken, refreshToken } = owner;
    const ways: Record<string, () => Promise<unknown>> = {
      'a call of a procedure': () => client.projects.list.query(),
      'a call that is refused': () => client.operators.list.query().catch(() => null),
      'GET /api/auth/me': () => world.send('/api/auth/me', { token: accessToken }),
      'a sign-in': () => signIn(world, email),
      'a refresh': () => world.send('/api/auth/refresh', { body: { refreshToken } }),
      'an introspection of its session': () =>
        world.send('/api/auth/introspect', { token: secret, body: { token: accessToken } }),
    };

    for (const [way, use] of Object.entries(ways)) {
      await beIdle(tenant);
      await use();
      const [cause] = await history(tenant);
      expect({ way, ...(await get(tenant)) }).toMatchObject({ way, status: 'active', accessMode: 'full' });
      expect(cause).toMatchObject({
        resolution: 'ended',
        liftedBy: { kind: 'system' },
        liftNote: 'somebody has signed in or called',
      });
      expect(await deadlinesOf(tenant)).toEqual(idle);
    }
  });

  test('moves the day on which the tenant would be suspended', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    await advance(tenant, 'P20D');

    await owner.client.projects.list.query();
    await advance(tenant, 'P12D');
    const saved = await get(tenant);
    await advance(tenant, 'P18D');
    await until(tenant, 'suspended');

    expect(saved.status).toBe('active');
  });

  test('is written once an hour of the tenant’s time', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    await advance(tenant, 'PT1H');
    await owner.client.projects.list.query();
    const first = await lastUse(tenant);

    for (let count = 0; count < 3; count += 1) await owner.client.projects.list.query();
    const soon = await lastUse(tenant);
    await advance(tenant, 'PT1H');
    await owner.client.projects.list.query();

    // The hour may turn by itself between two of these calls.
    expect(soon - first).toBeLessThan(30_000);
    expect((await lastUse(tenant)) - first).toBeGreaterThan(0.9 * hour);
  });

  test('ends no suspension for another cause', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    await beIdle(tenant);
    const cause = { trigger: 'payment_failure', mode: 'read_only', note: 'x' } as const;
    await suspension.suspend.mutate({ tenantId: tenant.id, ...cause });

    await owner.client.projects.list.query();

    expect(await get(tenant)).toMatchObject({ status: 'suspended', accessMode: 'read_only' });
    expect(await history(tenant)).toMatchObject([{ liftedAt: null }, { resolution: 'ended' }]);
  });

  test('at the moment of the suspension leaves the tenant open, whichever comes first', async () => {
    const past = `interval '40 days'`;
    for (let round = 0; round < 8; round += 1) {
      const tenant = await aTenant(world, { plan: 'free' });
      await world.inTenant(tenant.id, ({ em }) =>
        em.execute(`update tenants set created_at = created_at - ${past}`),
      );
      const both = [suspendInactive, beActive];
      if (round % 2 === 1) both.reverse();

      await Promise.all(both.map((act) => world.inTenant(tenant.id, act)));

      expect((await get(tenant)).status).toBe('active');
    }
  });

  test('is none that an operator or a directory makes', async () => {
    await policy('enterprise');
    const tenant = await aSandbox('enterprise');
    const { token } = await aScimToken(world, tenant);
    await beIdle(tenant);

    await world.operator.projects.list.query({ tenantId: tenant.id });
    const { status } = await world.send(`/scim/v2/${tenant.slug}/Users`, { token });

    expect(status).toBe(200);
    expect((await get(tenant)).status).toBe('suspended');
  });
});
