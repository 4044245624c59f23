import { beforeEach, expect, test } from 'vitest';
import { resetInactivity } from '../../src/actions/suspension/inactivity-deadlines.ts';
import { Deadline } from '../../src/db/entities/control.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, openWorld } from '../support/world.ts';

// No worker runs, so that deadlines stay as they were set.
const world = await openWorld({ env: { ROLE: 'web' } });
const { plans, tenants, suspension } = world.operator;

beforeEach(async () => {
  for (const plan of ['free', 'starter', 'professional'] as const)
    await plans.setPolicy.mutate({ plan, inactivityDays: null, retentionDays: null });
});

/** When a tenant is warned and suspended for inactivity, by kind. */
function inactivityOf(tenantId: string): Promise<Record<string, string>> {
  return world.inTenant(tenantId, async ({ em }) => {
    const found = await em.find(
      Deadline,
      { tenantId, kind: { $like: 'inactivity%' } },
      { orderBy: { kind: 'asc' } },
    );
    return Object.fromEntries(found.map(({ kind, dueAt }) => [kind, dueAt.toISOString()]));
  });
}

test('a policy shows in the catalogue, to anybody, and in what a tenant’s plan says', async () => {
  const tenant = await aTenant(world, { plan: 'starter' });
  const { client } = await theOwner(world, tenant);

  const set = await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: 90, retentionDays: 45 });
  await plans.setPolicy.mutate({ plan: 'starter', retentionDays: 60 });

  const shown = (await client.plans.catalogue.query()).find(({ plan }) => plan === 'starter');
  expect(set).toMatchObject({ plan: 'starter', inactivityDays: 90, retentionDays: 45 });
  expect(shown).toMatchObject({ inactivityDays: 90, retentionDays: 60 });
  expect((await client.plans.current.query()).retentionDays).toBe(60);
});

test('every active and trial tenant of the plan gets its deadlines, and no other', async () => {
  const trial = await aTenant(world, { plan: 'starter' });
  const suspended = await aTenant(world, { plan: 'starter' });
  const other = await aTenant(world, { plan: 'free' });
  const cause = { trigger: 'customer_request', mode: 'read_only', note: 'pause' } as const;
  await suspension.suspend.mutate({ tenantId: suspended.id, ...cause });

  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: 30 });

  expect(Object.keys(await inactivityOf(trial.id))).toEqual([
    'inactivity_notice_14',
    'inactivity_notice_3',
    'inactivity_suspension',
  ]);
  expect(await inactivityOf(suspended.id)).toEqual({});
  expect(await inactivityOf(other.id)).toEqual({});
});

test.each([15, 30, 400])('%i days are set for all at once as they are for one tenant alone', async (days) => {
  const used = await aTenant(world, { plan: 'starter', sandbox: true });
  const long = await aTenant(world, { plan: 'starter', sandbox: true });
  await theOwner(world, used);
  await tenants.advanceClock.mutate({ tenantId: long.id, by: 'P40D' });
  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: days });
  const atOnce = [await inactivityOf(used.id), await inactivityOf(long.id)];

  for (const { id } of [used, long]) await world.inTenant(id, resetInactivity);

  const alone = [await inactivityOf(used.id), await inactivityOf(long.id)];
  expect(atOnce.map((set) => Object.keys(set))).toEqual(alone.map((set) => Object.keys(set)));
  for (const [index, set] of alone.entries())
    for (const [kind, dueAt] of Object.entries(set))
      expect(Math.abs(Date.parse(dueAt) - Date.parse(atOnce[index]?.[kind] ?? ''))).toBeLessThan(30_000);
});

test('who has been idle for longer than a new policy allows is warned twice before anything happens', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'starter', sandbox: true });
  await tenants.advanceClock.mutate({ tenantId, by: 'P100D' });

  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: 30 });

  const { now } = await tenants.get.query({ tenantId });
  const set = await inactivityOf(tenantId);
  const inDays = Object.values(set).map((dueAt) =>
    ((Date.parse(dueAt) - Date.parse(now)) / 86_400_000).toFixed(0),
  );
  expect(inDays).toEqual(['-0', '11', '14']);
});

test('a repetition moves nothing, sets what is missing, and clearing takes all of it back', async () => {
  const tenant = await aTenant(world, { plan: 'starter' });
  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: 30 });
  const first = await inactivityOf(tenant.id);

  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: 30 });
  const repeated = await inactivityOf(tenant.id);
  await world.inTenant(tenant.id, ({ em }) => em.nativeDelete(Deadline, { tenantId: tenant.id }));
  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: 30 });
  const repaired = Object.keys(await inactivityOf(tenant.id));
  await plans.setPolicy.mutate({ plan: 'starter', inactivityDays: null });

  expect(repeated).toEqual(first);
  expect(repaired).toEqual(Object.keys(first));
  expect(await inactivityOf(tenant.id)).toEqual({});
});

test('customer success and engineering decide on policies, and each decision is in the audit trail', async () => {
  const { client } = await anOperator(world, 'billing');
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const input = { plan: 'free', retentionDays: 10 } as const;

  const refused = [
    await refusalOf(client.plans.setPolicy.mutate(input)),
    await refusalOf(owner.client.plans.setPolicy.mutate(input)),
  ];
  await (await anOperator(world, 'customer_success')).client.plans.setPolicy.mutate(input);

  const events = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute<{ details: unknown }[]>(
      `select details from audit_events where action = 'plan_policy.updated' order by id desc limit 1`,
    ),
  );
  expect(refused.map(({ reason }) => reason)).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
  expect(events).toEqual([
    {
      details: {
        plan: 'free',
        before: { inactivityDays: null, retentionDays: null },
        after: { inactivityDays: null, retentionDays: 10 },
      },
    },
  ]);
});

test.each([{ inactivityDays: 14 }, { inactivityDays: 0 }, { retentionDays: 0 }, { retentionDays: 3651 }])(
  'a policy of %j is refused',
  async (input) => {
    const refusal = await refusalOf(plans.setPolicy.mutate({ plan: 'free', ...input }));

    expect(refusal).toMatchObject({ reason: 'INVALID_INPUT', fields: Object.keys(input) });
  },
);
