import { expect, test } from 'vitest';
import { authenticateScim } from '../../src/actions/connections/scim-tokens.ts';
import { newId } from '../../src/db/ids.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();
const tenant = await aTenant(world);
const { token } = await aScimToken(world, tenant);

async function look() {
  const found = await authenticateScim(world.db, { slug: tenant.slug, token }, new Date());
  if (!found) throw new Error('the token opens nothing');
  return found.seen;
}

async function enter<T>(seen: Awaited<ReturnType<typeof look>>, work: (scope: TenantScope) => Promise<T>) {
  return world.db.inTenant({ ...world.entry({ kind: 'system' }), tenantId: tenant.id, seen }, work);
}

test('a tenant as it was seen is the tenant that a transaction would read', async () => {
  const seen = await look();

  const [trusted, read] = await Promise.all([
    enter(seen, async ({ tenant }) => ({ ...tenant })),
    world.inTenant(tenant.id, async ({ tenant }) => ({ ...tenant })),
  ]);

  expect(trusted).toEqual(read);
});

test('a transaction that trusts a tenant which has changed is undone, and run again with what is', async () => {
  const seen = await look();
  const { id: tenantId } = tenant;
  await world.operator.suspension.suspend.mutate({
    tenantId,
    trigger: 'security_incident',
    mode: 'blocked',
    note: 'a test',
  });
  const tries: string[] = [];

  await enter(seen, async ({ em, tenant, now }) => {
    tries.push(tenant.status);
    await em.execute(
      `insert into projects (tenant_id, id, name, created_at, updated_at) values (?, ?, 'once', ?, ?)`,
      [tenantId, newId(), now, now],
    );
  });

  const count = ({ em }: TenantScope) =>
    em.execute(`select name from projects where tenant_id = ?`, [tenantId]);
  expect(tries).toEqual(['active', 'suspended']);
  expect(await world.inTenant(tenantId, count)).toEqual([{ name: 'once' }]);
});

test('what is changed of a tenant that was seen is stored', async () => {
  await enter(await look(), async ({ tenant }) => void (tenant.name = 'Renamed'));

  expect(await world.inTenant(tenant.id, async ({ tenant }) => tenant.name)).toBe('Renamed');
});
