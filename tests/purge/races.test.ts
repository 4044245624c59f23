import { expect, test } from 'vitest';
import { cancelOffboarding } from '../../src/actions/offboarding/offboarding-cancellation.ts';
import { placeHold, releaseHold } from '../../src/actions/offboarding/legal-hold.ts';
import { claimDuePurge } from '../../src/actions/offboarding/purge-claim.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { countRows, offboard, openEyes, purge, searchDatabase } from './tenants.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;
const eyes = await openEyes(world.database.ownerUrl);
const engineer = {
  kind: 'operator',
  id: crypto.randomUUID(),
  email: 'eve@ops.example',
  role: 'engineering',
} as const;
const sweep = () => sweepDeadlines(world.db, () => undefined);

const tenantsAtOnce = 10;
const pairs = 50;

/** Tenants whose purge is due, and was not claimed yet. */
async function someDue(count: number): Promise<TestTenant[]> {
  const tenants: TestTenant[] = [];
  for (let begun = 0; begun < count; begun += 1) {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    tenants.push(tenant);
    const { id: tenantId } = tenant;
    await operator.offboarding.schedule.mutate({ tenantId, trigger: 'customer_request', note: 'the end' });
    await operator.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
  }
  await sweep();
  for (const { id: tenantId } of tenants)
    await operator.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
  return tenants;
}

const settled = async (work: Promise<unknown>) => {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
};

const cancel = (id: string) =>
  settled(world.inTenant(id, (scope) => cancelOffboarding(scope, { note: 'stay' }), engineer));
const claim = (id: string) => settled(world.inTenant(id, claimDuePurge));

test(`of ${tenantsAtOnce * pairs} concurrent pairs of taking back and claiming each tenant is fully alive or fully purged`, async () => {
  const tenants = await someDue(tenantsAtOnce);
  const fates: string[] = [];

  for (const { id } of tenants) {
    const attempts = Array.from({ length: pairs }, (_, pair) =>
      pair % 2 === 0 ? [cancel(id), claim(id)] : [claim(id), cancel(id)],
    );
    const said = await Promise.all(attempts.flat());
    expect(
      said.filter(
        (word) => !['done', 'TENANT_OFFBOARDED', 'TRANSITION_NOT_ALLOWED', 'CONFLICT'].includes(word),
      ),
    ).toEqual([]);
    const { phase } = await operator.offboarding.get.query({ tenantId: id });
    fates.push(phase);
  }

  expect(new Set(fates)).toEqual(new Set(['cancelled', 'purging']));
  for (const [index, tenant] of tenants.entries()) {
    if (fates[index] === 'cancelled') await proveAlive(tenant);
    else await proveGone(tenant);
  }
}, 60_000);

async function proveAlive({ id: tenantId }: TestTenant): Promise<void> {
  expect((await operator.tenants.get.query({ tenantId })).status).toBe('active');
  expect(await eyes(`select 1 from tombstones where id = $1`, [tenantId])).toEqual([]);
  expect(await world.ports.tenantKeys.get(tenantId)).not.toBeNull();
  await operator.projects.create.mutate({ tenantId, name: 'still here' });
}

async function proveGone(tenant: TestTenant): Promise<void> {
  await purge(world, tenant);
  expect(await countRows(eyes, tenant.id)).toEqual({});
}

test('a hold stops the purge, and it goes on by itself when the hold is released', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const { id: tenantId } = tenant;
  await offboard(operator, world.db, tenant);
  await world.inTenant(tenantId, (scope) => placeHold(scope, { note: 'a lawsuit' }));
  await operator.tenants.advanceClock.mutate({ tenantId, by: 'P300D' });
  await sweep();
  const held = await operator.offboarding.get.query({ tenantId });

  await world.inTenant(tenantId, (scope) => releaseHold(scope, { note: 'it is over' }));
  await sweep();

  expect([held.phase, (await operator.offboarding.get.query({ tenantId })).phase]).toEqual([
    'executed',
    'purging',
  ]);
  await purge(world, tenant);
  expect((await searchDatabase(eyes, [tenant.slug])).found).toEqual([]);
});
