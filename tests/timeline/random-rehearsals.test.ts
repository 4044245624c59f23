import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anInvitation, theOwner } from '../api/people.ts';
import { openEyes } from '../purge/tenants.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { momentsOf, walker } from './walking.ts';

// No worker runs but what the test calls.
const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;
const { deliver, walk } = walker(world, await openEyes(world.database.ownerUrl));
await operator.plans.setPolicy.mutate({ plan: 'free', inactivityDays: 45 });
await operator.plans.setPolicy.mutate({ plan: 'enterprise', inactivityDays: 70, retentionDays: 11 });

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const note = 'a test';

const circumstances = fc.record({
  plan: fc.constantFrom('free' as const, 'starter' as const, 'professional' as const, 'enterprise' as const),
  daysOld: fc.integer({ min: 1, max: 5 }),
  invited: fc.boolean(),
  suspension: fc.option(
    fc.record({
      trigger: fc.constantFrom('customer_request' as const, 'payment_failure' as const),
      mode: fc.constantFrom('read_only' as const, 'blocked' as const),
      startsInDays: fc.option(fc.integer({ min: 6, max: 40 })),
      endsInDays: fc.option(fc.integer({ min: 41, max: 60 })),
    }),
  ),
  leaves: fc.option(
    fc.constantFrom('customer_request' as const, 'contract_end' as const, 'non_payment' as const),
  ),
  held: fc.boolean(),
});
type Circumstances = typeof circumstances extends fc.Arbitrary<infer Value> ? Value : never;

async function prepare(tenant: TestTenant, given: Circumstances): Promise<void> {
  const tenantId = tenant.id;
  await theOwner(world, tenant);
  await operator.tenants.advanceClock.mutate({ tenantId, by: `P${given.daysOld}D` });
  if (given.invited)
    await anInvitation(world, tenantId, { email: `late@${tenant.slug}.example`, role: 'admin' });
  if (given.suspension) {
    const { trigger, mode, startsInDays, endsInDays } = given.suspension;
    const starts = startsInDays === null ? {} : { startsAt: inDays(startsInDays) };
    const ends = endsInDays === null ? {} : { endsAt: inDays(endsInDays) };
    await operator.suspension.suspend.mutate({ tenantId, trigger, mode, note, ...starts, ...ends });
  }
  if (given.leaves) await operator.offboarding.schedule.mutate({ tenantId, trigger: given.leaves, note });
  if (given.held) await operator.offboarding.placeHold.mutate({ tenantId, note });
  await deliver();
}

test('whatever its circumstances, a tenant lives as it was rehearsed', async () => {
  await fc.assert(
    fc.asyncProperty(circumstances, async (given) => {
      const tenant = await aTenant(world, { plan: given.plan, sandbox: true });
      await prepare(tenant, given);

      const told = await operator.tenants.timeline.query({ tenantId: tenant.id, until: inDays(200) });
      const deletion = told.entries.find(({ kind }) => kind === 'deletion')?.at;
      const rehearsed = momentsOf(told).filter(({ at }) => at !== deletion);
      // A clock that moves by whole seconds cannot stop between moments that are closer than that.
      const times = rehearsed.map(({ at }) => Date.parse(at));
      fc.pre(times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) > 3000));

      expect(
        await walk(
          tenant,
          rehearsed.map(({ at }) => at),
        ),
      ).toEqual(rehearsed);
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
