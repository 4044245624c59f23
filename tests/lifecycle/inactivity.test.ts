import { describe, expect, test } from 'vitest';
import { beActive } from '../../src/actions/suspension/activity.ts';
import { resetInactivity } from '../../src/actions/suspension/inactivity-deadlines.ts';
import { suspendInactive } from '../../src/actions/suspension/inactivity.ts';
import { PlanPolicy } from '../../src/db/entities/operations.ts';
import { auditOf, signIn } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { aScimToken, aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { suspending } from './suspending.ts';

const world = await openWorld();
const { suspension, plans, serviceClients } = world.operator;
const { get, history, advance, until, deadlinesOf, toldOf } = suspending(world);
const { secret } = await serviceClients.create.mutate({ name: 'host' });

const idle = ['inactivity_notice_14', 'inactivity_notice_3', 'inactivity_suspension'];
const day = 86_400_000;

await world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em }) => {
  for (const plan of ['enterprise', 'starter'] as const)
    await em.upsert(PlanPolicy, { plan, inactivityDays: 30, retentionDays: null, updatedAt: new Date() });
});

const aSandbox = (plan: 'enterprise' | 'professional' | 'free' = 'enterprise') =>
  aTenant(world, { plan, sandbox: true });

/** An idle tenant, suspended for it, and its owner's session from before. */
async function anIdle() {
  const tenant = await aSandbox();
  const owner = await theOwner(world, tenant);
  await advance(tenant, 'P31D');
  await until(tenant, 'suspended');
  return { tenant, owner };
}

async function lastUse({ id }: TestTenant): Promise<number> {
  const [row] = await world.inTenant(id, ({ em }) =>
    em.execute<{ at: string }[]>('select last_active_at as at from tenant_activity'),
  );
  return Date.parse(row?.at ?? '');
}

describe('a tenant that nobody uses', () => {
  test('is warned 14 and 3 days before, then suspended read-only by the system', async () => {
    const tenant = await aSandbox();
    expect(await deadlinesOf(tenant)).toEqual(idle);

    await advance(tenant, 'P16D');
    await expect.poll(() => toldOf(tenant)).toContain('inactivity_notice');
    await advance(tenant, 'P11D');
    await expect.poll(() => deadlinesOf(tenant)).toEqual(['inactivity_suspension']);
    const between = await get(tenant);
    await advance(tenant, 'P3D');
    await until(tenant, 'suspended');

    expect(between.status).toBe('active');
    expect((await toldOf(tenant)).filter((mail) => mail !== 'went_live')).toEqual([
      'inactivity_notice',
      'inactivity_notice',
      'suspended',
    ]);
    expect(await history(tenant)).toMatchObject([
      { trigger: 'inactivity', mode: 'read_only', priority: 'P2', raisedBy: { kind: 'system', id: null } },
    ]);
    expect(await deadlinesOf(tenant)).toEqual([]);
  });

  test('is let alone where its plan says nothing of it, which is the default', async () => {
    const tenant = await aSandbox('free');

    await advance(tenant, 'P400D');

    expect(await deadlinesOf(tenant)).toEqual([]);
    expect(await get(tenant)).toMatchObject({ status: 'active' });
  });

  test('is not suspended for it while it is suspended for something else, and has its days anew after that', async () => {
    const tenant = await aSandbox();
    const cause = { trigger: 'terms_violation', mode: 'read_only', note: 'x' } as const;
    await suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
    expect(await deadlinesOf(tenant)).toEqual([]);
    await advance(tenant, 'P60D');

    await suspension.reinstate.mutate({ tenantId: tenant.id, note: 'over' });
    await advance(tenant, 'P29D');
    const late = await get(tenant);
    await advance(tenant, 'P1D');
    await until(tenant, 'suspended');

    expect(late.status).toBe('active');
    expect(await history(tenant)).toMatchObject([{ trigger: 'inactivity' }, { trigger: 'terms_violation' }]);
  });

  test('that customer success opens again by hand has its days and its warnings anew', async () => {
    const { tenant } = await anIdle();

    await suspension.reinstate.mutate({ tenantId: tenant.id, note: 'they are on a long holiday' });
    await advance(tenant, 'P1D');

    expect((await get(tenant)).status).toBe('active');
    expect(await deadlinesOf(tenant)).toEqual(idle);
    await advance(tenant, 'P29D');
    await until(tenant, 'suspended');
    expect((await toldOf(tenant)).filter((mail) => mail === 'inactivity_notice')).toHaveLength(4);
  });

  test('and comes to a plan that minds is warned before anything happens', async () => {
    const tenant = await aSandbox('free');
    await advance(tenant, 'P300D');

    await plans.change.mutate({ tenantId: tenant.id, plan: 'starter' });

    await expect.poll(() => toldOf(tenant)).toContain('inactivity_notice');
    expect((await get(tenant)).status).toBe('active');
    await advance(tenant, 'P14D');
    await until(tenant, 'suspended');
  });
});

describe('a use', () => {
  const ways: Record<string, (owner: Awaited<ReturnType<typeof theOwner>>) => Promise<unknown>> = {
    'a call of a procedure': ({ client }) => client.projects.list.query(),
    'a call that is refused': ({ client }) => client.operators.list.query().catch(() => null),
    'GET /api/auth/me': ({ accessToken }) => world.send('/api/auth/me', { token: accessToken }),
    'a sign-in': ({ email }) => signIn(world, email),
    'a refresh': ({ refreshToken }) => world.send('/api/auth/refresh', { body: { refreshToken } }),
    'an introspection of its session': ({ accessToken }) =>
      world.send('/api/auth/introspect', { token: secret, body: { token: accessToken } }),
  };

  test.each(Object.keys(ways))('by %s ends a suspension for inactivity', async (way) => {
    const { tenant, owner } = await anIdle();

    await ways[way]?.(owner);

    expect(await get(tenant)).toMatchObject({ status: 'active', accessMode: 'full' });
    expect(await history(tenant)).toMatchObject([
      { resolution: 'ended', liftedBy: { kind: 'system' }, liftNote: 'somebody has signed in or called' },
    ]);
    expect(await deadlinesOf(tenant)).toEqual(idle);
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

  test('is none that an operator or a directory makes', async () => {
    const { tenant } = await anIdle();
    const { token } = await aScimToken(world, tenant);

    await world.operator.projects.list.query({ tenantId: tenant.id });
    const { status } = await world.send(`/scim/v2/${tenant.slug}/Users`, { token });

    expect(status).toBe(200);
    expect((await get(tenant)).status).toBe('suspended');
  });

  test('ends no suspension for another cause', async () => {
    const { tenant, owner } = await anIdle();
    const cause = { trigger: 'payment_failure', mode: 'read_only', note: 'x' } as const;
    await suspension.suspend.mutate({ tenantId: tenant.id, ...cause });

    await owner.client.projects.list.query();

    expect(await get(tenant)).toMatchObject({ status: 'suspended', accessMode: 'read_only' });
    expect(await history(tenant)).toMatchObject([{ liftedAt: null }, { resolution: 'ended' }]);
  });

  test('is written once an hour of the tenant’s time', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    await advance(tenant, 'PT1H');
    await owner.client.projects.list.query();
    const first = await lastUse(tenant);

    for (let count = 0; count < 5; count += 1) await owner.client.projects.list.query();
    const soon = await lastUse(tenant);
    await advance(tenant, 'PT1H');
    await owner.client.projects.list.query();

    expect(soon).toBe(first);
    expect((await lastUse(tenant)) - first).toBeGreaterThan(0.9 * 3_600_000);
    expect(Math.abs((await lastUse(tenant)) - Date.now() - 2 * 3_600_000)).toBeLessThan(day / 24);
  });

  test('at the moment of the suspension leaves the tenant open, whichever comes first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const tenant = await aTenant(world, { plan: 'enterprise' });
      await world.inTenant(tenant.id, async (scope) => {
        await scope.em.execute(
          `update tenants set created_at = created_at - interval '40 days', went_live_at = went_live_at - interval '40 days'`,
        );
      });

      await Promise.all([
        world.inTenant(tenant.id, suspendInactive),
        world.inTenant(tenant.id, beActive),
        world.inTenant(tenant.id, resetInactivity),
      ]);

      expect((await get(tenant)).status).toBe('active');
      expect(await auditOf(world, tenant.id)).not.toContain('tenant.offboarded');
    }
  });
});
