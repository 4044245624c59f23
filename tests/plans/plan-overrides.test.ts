import { describe, expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { suspending } from '../lifecycle/suspending.ts';
import { aScimToken, aTenant, eventually, openWorld } from '../support/world.ts';
import { addProjects } from './projects.ts';

const world = await openWorld();
const { plans, projects } = world.operator;
const { advance, get } = suspending(world);
const note = 'agreed by mail';
const current = ({ id }: { id: string }) => plans.current.query({ tenantId: id });

describe('what is agreed beside the plan', () => {
  test('stands in place of the plan’s limits and features until its end', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    const tenantId = tenant.id;
    const expiresAt = new Date(Date.parse((await get(tenant)).now) + 10 * 86_400_000).toISOString();

    const agreed = { limits: { projects: 12, users: null }, features: { scim: true }, expiresAt, note };
    expect(await plans.setOverrides.mutate({ tenantId, ...agreed })).toMatchObject({
      limits: { projects: 12, users: null, apiCalls: 100 },
      features: { scim: true, sso: false },
      overrides: { expiresAt, note },
    });
    await addProjects(world, tenant, 12);
    expect((await refusalOf(projects.create.mutate({ tenantId, name: 'one more' }))).reason).toBe(
      'PLAN_LIMIT_REACHED',
    );
    const { token } = await aScimToken(world, tenant);
    const list = () => world.send(`/scim/v2/${tenant.slug}/Users`, { token });
    expect((await list()).status).toBe(200);

    await advance(tenant, 'P10DT1H');
    await eventually(async () => (await current(tenant)).overrides === null, 'the end');
    expect(await current(tenant)).toMatchObject({ limits: { projects: 10, users: 5 }, over: ['projects'] });
    expect((await list()).status).toBe(403);
    await plans.setOverrides.mutate({ tenantId, limits: { projects: 20 }, features: { scim: true }, note });
    expect((await list()).status).toBe(200);
  });

  test('is refused where the tenant uses more, where its end is past, and for a soft overage below enterprise', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    await addProjects(world, tenant, 3);
    const set = (more: object) =>
      refusalOf(plans.setOverrides.mutate({ tenantId: tenant.id, note, ...more }));

    expect(await set({ limits: { projects: 2 } })).toMatchObject({ reason: 'PLAN_LIMIT_REACHED', used: 3 });
    expect((await set({ expiresAt: '2020-01-01T00:00:00Z' })).reason).toBe('INVALID_INPUT');
    expect((await set({ overage: { percent: 5, days: 30 } })).reason).toBe('INVALID_INPUT');
    expect((await current(tenant)).overrides).toBeNull();
  });

  test('goes as far as anything is counted, and no further', async () => {
    const { id: tenantId } = await aTenant(world, { plan: 'free' });
    const most = 1_000_000_000;
    const all = { users: most, projects: most, apiCalls: most, storageBytes: Number.MAX_SAFE_INTEGER };

    expect((await plans.setOverrides.mutate({ tenantId, limits: all, note })).limits).toEqual(all);
    for (const limits of [
      { users: most + 1 },
      { projects: 2 ** 31 },
      { apiCalls: -1 },
      { storageBytes: 0.5 },
    ]) {
      const refusal = await refusalOf(plans.setOverrides.mutate({ tenantId, limits, note }));
      expect(refusal.reason).toBe('INVALID_INPUT');
    }
  });
});
