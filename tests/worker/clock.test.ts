import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aTenant, anOwner, openWorld, type TestTenant } from '../support/world.ts';

const world = await openWorld();
const { operator } = world;

const day = 86_400_000;

const advance = (tenant: TestTenant, by: string) =>
  operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by });
const get = (tenant: TestTenant) => operator.tenants.get.query({ tenantId: tenant.id });

describe('a clock', () => {
  test('of a sandbox tenant moves for that tenant alone, and sessions do not follow it', async () => {
    const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
    const { accessToken } = await anOwner(world, tenant);
    const other = await aTenant(world, { plan: 'professional', sandbox: true });
    const before = await get(other);

    const moved = await advance(tenant, 'P2D');

    const ahead = Date.parse(moved.now) - Date.now();
    const me = await world.send('/api/auth/me', { token: accessToken });
    expect(Math.abs(ahead - 2 * day)).toBeLessThan(30_000);
    expect(Date.parse((await get(other)).now) - Date.parse(before.now)).toBeLessThan(30_000);
    expect(me.status).toBe(200);
  });

  test('adds up, and is in the audit trail each time', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });

    await advance(tenant, 'PT12H');
    const moved = await advance(tenant, 'P1W');

    const { items } = await operator.audit.list.query({
      tenantId: tenant.id,
      action: 'tenant.clock_advanced',
    });
    expect(Math.abs(Date.parse(moved.now) - Date.now() - 7.5 * day)).toBeLessThan(30_000);
    expect(items.map(({ details }) => details)).toEqual([{ by: 'P1W' }, { by: 'PT12H' }]);
  });

  test('of any other tenant does not move', async () => {
    const tenant = await aTenant(world, { plan: 'professional' });

    await expect(advance(tenant, 'P1D')).rejects.toMatchObject({ data: { reason: 'PERMISSION_DENIED' } });

    const { now } = await get(tenant);
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(30_000);
  });

  test('is moved by no tenant’s own person and by no operator who only reads', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    const owner = world.as((await anOwner(world, tenant)).accessToken);
    const email = `reader-${randomUUID()}@ops.example`;
    const { token } = await operator.operators.create.mutate({
      email,
      name: 'Rita Reader',
      role: 'read_only',
    });

    for (const client of [owner, world.as(token)]) {
      const tried = client.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P1D' });
      await expect(tried).rejects.toMatchObject({ data: { reason: 'PERMISSION_DENIED' } });
    }
  });

  test.each([
    '',
    'P',
    'PT',
    '7 days',
    'P-1D',
    '-P1D',
    'PT0S',
    'P0D',
    'P1Y',
    'P1M',
    'P1.5D',
    'P3661D',
    'p1d',
    'P1D ',
  ])('does not move by "%s"', async (by) => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });

    await expect(advance(tenant, by)).rejects.toMatchObject({ data: { reason: 'INVALID_INPUT' } });

    const { items } = await operator.audit.list.query({
      tenantId: tenant.id,
      action: 'tenant.clock_advanced',
    });
    expect(items).toEqual([]);
    expect(Math.abs(Date.parse((await get(tenant)).now) - Date.now())).toBeLessThan(30_000);
  });
});
