import { describe, expect, test } from 'vitest';
import { Tenant } from '../../src/db/entities/tenant.ts';
import { refusalOf } from '../api/answers.ts';
import { aPerson, theOwner } from '../api/people.ts';
import { suspending } from '../lifecycle/suspending.ts';
import { aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';
import { addProjects } from './projects.ts';

const world = await openWorld();
const { plans, projects } = world.operator;
const { advance, get, toldOf } = suspending(world);
const note = 'agreed by mail';

const current = ({ id }: { id: string }) => plans.current.query({ tenantId: id });
const until = (tenant: TestTenant, plan: string) =>
  eventually(async () => (await get(tenant)).plan === plan, `the ${plan} plan`);
describe('an operator', () => {
  test('says why, or nothing changes', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const refusal = await refusalOf(plans.change.mutate({ tenantId: tenant.id, plan: 'starter' }));

    expect(refusal).toMatchObject({ reason: 'INVALID_INPUT' });
    expect((await get(tenant)).plan).toBe('free');
  });

  test('upgrades at once, and reads back what was and what is', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const changed = await plans.change.mutate({ tenantId: tenant.id, plan: 'enterprise', note });

    expect(changed).toMatchObject({
      outcome: 'changed',
      plan: 'enterprise',
      before: {
        plan: 'free',
        limits: { users: 5 },
        features: { scim: false },
        settings: { sessionDays: 30 },
      },
      after: {
        plan: 'enterprise',
        limits: { users: null },
        features: { scim: true },
        settings: { sessionDays: 7 },
      },
    });
    expect((await get(tenant)).settings.sessionDays).toBe(7);
    await eventually(async () => (await toldOf(tenant)).includes('plan_changed'), 'the mail');
  });

  test('keeps a setting that the tenant has chosen itself', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    await world.operator.tenants.update.mutate({ tenantId: tenant.id, settings: { sessionDays: 3 } });

    await plans.change.mutate({ tenantId: tenant.id, plan: 'enterprise', note });

    expect((await get(tenant)).settings.sessionDays).toBe(3);
  });
});

describe('a smaller plan', () => {
  test('begins when the period ends, unless it is taken back', async () => {
    const stays = await aTenant(world, { plan: 'professional', sandbox: true });
    const goes = await aTenant(world, { plan: 'professional', sandbox: true });
    for (const { id } of [stays, goes])
      expect(await plans.change.mutate({ tenantId: id, plan: 'starter', note })).toMatchObject({
        outcome: 'scheduled',
        plan: 'professional',
        scheduled: { plan: 'starter' },
      });

    expect((await plans.cancelScheduled.mutate({ tenantId: stays.id })).scheduled).toBeNull();
    expect((await current(goes)).scheduled).toMatchObject({ plan: 'starter' });
    await advance(goes, 'P13D');
    expect((await get(goes)).plan).toBe('professional');
    await advance(goes, 'P1DT1H');
    await eventually(async () => (await get(goes)).plan !== 'professional', 'the change');
    expect((await refusalOf(plans.cancelScheduled.mutate({ tenantId: goes.id }))).reason).toBe('NOT_FOUND');
  });

  test('is refused with all that is over while the tenant does not fit, and nothing is deleted', async () => {
    const tenant = await aTenant(world, { plan: 'professional' });
    await addProjects(world, tenant, 60);

    for (const when of ['now', 'period_end'] as const) {
      const refusal = await refusalOf(
        plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when, note }),
      );
      expect(refusal).toMatchObject({
        reason: 'PLAN_LIMIT_REACHED',
        limit: 'projects',
        allowed: 50,
        used: 60,
        over: ['projects'],
      });
    }
    expect(await current(tenant)).toMatchObject({
      plan: 'professional',
      scheduled: null,
      usage: { projects: 60 },
    });
  });

  test('that does not fit at its moment is told and tried again each day, until it fits', async () => {
    const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
    await theOwner(world, tenant);
    await plans.change.mutate({ tenantId: tenant.id, plan: 'starter', note });
    await world.inTenant(tenant.id, ({ em }) => em.nativeUpdate(Tenant, tenant.id, { status: 'active' }));
    await addProjects(world, tenant, 60);

    await advance(tenant, 'P14DT1H');
    await eventually(async () => (await toldOf(tenant)).includes('plan_change_blocked'), 'the mail');
    expect(await current(tenant)).toMatchObject({ plan: 'professional', scheduled: { plan: 'starter' } });
    await world.inTenant(tenant.id, ({ em }) =>
      em.execute(`delete from projects where tenant_id = ? and name > 'P 2'`, [tenant.id]),
    );
    await advance(tenant, 'P1DT1H');

    await until(tenant, 'starter');
    expect((await projects.list.query({ tenantId: tenant.id })).items.length).toBeGreaterThan(5);
  });

  test('lets files that are over stay, and no new ones in', async () => {
    const tenant = await aTenant(world, { plan: 'professional' });
    const { id: projectId } = await projects.create.mutate({ tenantId: tenant.id, name: 'Archive' });
    await addFile(tenant, projectId, 2_000_000_000);

    const changed = await plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when: 'now', note });

    expect(changed).toMatchObject({ outcome: 'changed', over: ['storageBytes'] });
    expect(await current(tenant)).toMatchObject({
      over: ['storageBytes'],
      usage: { storageBytes: 2_000_000_000 },
    });
    expect(await addFile(tenant, projectId, 1).catch(({ reason }) => reason)).toBe('PLAN_LIMIT_REACHED');
    await plans.change.mutate({ tenantId: tenant.id, plan: 'professional', note });
    expect((await current(tenant)).over).toEqual([]);
    await addFile(tenant, projectId, 1);
  });
});

describe('an owner', () => {
  test('asks for a larger plan, and operators decide', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const { client } = await theOwner(world, tenant);

    const first = await client.plans.change.mutate({ plan: 'starter' });
    const asked = await client.plans.change.mutate({ plan: 'enterprise' });

    expect([first, asked]).toMatchObject([{ outcome: 'requested' }, { outcome: 'requested', plan: 'free' }]);
    const { items } = await plans.requests.list.query({ tenantId: tenant.id });
    expect(items.map(({ plan, state }) => [plan, state])).toEqual([
      ['enterprise', 'open'],
      ['starter', 'withdrawn'],
    ]);
    const decision = { tenantId: tenant.id, requestId: items[0]?.id ?? '', approve: true, note };
    expect((await plans.requests.decide.mutate(decision)).state).toBe('approved');
    expect((await refusalOf(plans.requests.decide.mutate(decision))).reason).toBe('CONFLICT');
    expect((await client.plans.current.query()).plan).toBe('enterprise');
  });

  test('goes to a smaller plan at the end of the period by themselves, and never at once', async () => {
    const tenant = await aTenant(world, { plan: 'professional' });
    const { client } = await theOwner(world, tenant);

    expect((await refusalOf(client.plans.change.mutate({ plan: 'free', when: 'now' }))).reason).toBe(
      'PERMISSION_DENIED',
    );
    expect(await client.plans.change.mutate({ plan: 'free' })).toMatchObject({ outcome: 'scheduled' });
    expect((await client.plans.cancelScheduled.mutate()).scheduled).toBeNull();
  });

  test('is who may; admins and members are not', async () => {
    const tenant = await aTenant(world, { plan: 'professional' });
    const admin = await aPerson(world, tenant.id, 'admin');

    const refusal = await refusalOf(admin.client.plans.change.mutate({ plan: 'free' }));

    expect(refusal.reason).toBe('PERMISSION_DENIED');
  });
});

test('a tenant keeps the version that it bought until it changes its plan', async () => {
  const tenant = await aTenant(world);
  await world.inTenant(tenant.id, ({ em }) => em.nativeUpdate(Tenant, tenant.id, { planVersion: 1 }));
  expect((await current(tenant)).limits.apiCalls).toBe(10_000);

  await plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when: 'now', note });
  await plans.change.mutate({ tenantId: tenant.id, plan: 'enterprise', note });

  expect(await current(tenant)).toMatchObject({ planVersion: 2, limits: { apiCalls: 20_000 } });
});

test('a smaller plan and new projects at the same time never leave a tenant over its limit', async () => {
  const tenant = await aTenant(world, { plan: 'professional' });
  await addProjects(world, tenant, 45);
  const { id: tenantId } = tenant;

  await Promise.allSettled([
    ...Array.from({ length: 6 }, (_, index) => projects.create.mutate({ tenantId, name: `N ${index}` })),
    plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note }),
    ...Array.from({ length: 6 }, (_, index) => projects.create.mutate({ tenantId, name: `M ${index}` })),
  ]);

  const { plan, usage, limits } = await current(tenant);
  expect(usage.projects, plan).toBeLessThanOrEqual(limits.projects ?? Infinity);
});

function addFile({ id }: TestTenant, projectId: string, bytes: number): Promise<unknown> {
  return world.inTenant(id, ({ em }) =>
    em.execute(
      `insert into project_files (tenant_id, id, project_id, name, bytes, sha256, content_type, key_sealed,
         created_at, updated_at, by_kind)
       values (?, gen_random_uuid(), ?, gen_random_uuid()::text, ?, '', 'text/plain', '', now(), now(), 'system')`,
      [id, projectId, bytes],
    ),
  );
}
