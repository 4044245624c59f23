import { afterEach, describe, expect, test } from 'vitest';
import { openEyes, purge } from '../purge/tenants.ts';
import { refusalOf } from '../api/answers.ts';
import { anInvitation, aPerson, theOwner } from '../api/people.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { momentsOf, walker } from './walking.ts';

// No worker runs but what the tests call, so that every step can be looked at.
const world = await openWorld({ env: { ROLE: 'web' } });
const owner = await openEyes(world.database.ownerUrl);
const { operator } = world;
const { deliver, walk, advanceTo, systemMoments } = walker(world, owner);

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();
const pause = { trigger: 'customer_request', mode: 'read_only', note: 'a pause' } as const;

const rehearse = async (tenantId: string, days = 365) =>
  operator.tenants.timeline.query({ tenantId, until: inDays(days) });

afterEach(() => operator.plans.setPolicy.mutate({ plan: 'free', inactivityDays: null }));

type Scenario = {
  plan: 'free' | 'professional' | 'enterprise';
  prepare: (tenant: TestTenant) => Promise<unknown>;
};

/** Tenants of all kinds, a year ahead. */
const scenarios: Record<string, Scenario> = {
  'on trial, with an invitation that nobody accepts': {
    plan: 'professional',
    prepare: async (tenant) => {
      // Later than the trial, so that both do not end in the same second.
      await operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P2D' });
      await anInvitation(world, tenant.id, { email: `late@${tenant.slug}.example`, role: 'admin' });
    },
  },
  'on trial, and idle after it by the policy of the free plan': {
    plan: 'professional',
    prepare: () => operator.plans.setPolicy.mutate({ plan: 'free', inactivityDays: 60 }),
  },
  'idle by the policy of its plan': {
    plan: 'free',
    prepare: () => operator.plans.setPolicy.mutate({ plan: 'free', inactivityDays: 30 }),
  },
  'suspended until a day, its trial standing still': {
    plan: 'professional',
    prepare: ({ id: tenantId }) =>
      operator.suspension.suspend.mutate({ tenantId, ...pause, endsAt: inDays(20) }),
  },
  'to be suspended later, for some days': {
    plan: 'enterprise',
    prepare: ({ id: tenantId }) =>
      operator.suspension.suspend.mutate({
        tenantId,
        ...pause,
        mode: 'blocked',
        startsAt: inDays(5),
        endsAt: inDays(9),
      }),
  },
  'lifted on a promise of payment that is not kept': {
    plan: 'enterprise',
    prepare: async ({ id: tenantId }) => {
      await operator.suspension.suspend.mutate({
        tenantId,
        ...pause,
        trigger: 'payment_failure',
        invoice: 'I-7',
      });
      const promise = { resolution: 'payment_promised', promisedUntil: inDays(6) } as const;
      await operator.suspension.reinstate.mutate({ tenantId, note: 'they promised', ...promise });
    },
  },
};

describe.each(Object.entries(scenarios))('a tenant %s', (_, { plan, prepare }) => {
  test('lives through a year as it was rehearsed: mails, statuses and plans, each at its moment', async () => {
    const tenant = await aTenant(world, { plan, sandbox: true });
    await theOwner(world, tenant);
    await prepare(tenant);
    await deliver();
    const earlier = await systemMoments(tenant.id);

    const rehearsed = momentsOf(await rehearse(tenant.id));
    const lived = await walk(
      tenant,
      rehearsed.map(({ at }) => at),
    );

    expect(rehearsed.length).toBeGreaterThan(1);
    expect(lived).toEqual(rehearsed);
    const moments = (await systemMoments(tenant.id)).filter((at) => !earlier.includes(at));
    expect(rehearsed.map(({ at }) => at)).toEqual(expect.arrayContaining(moments));
  });
});

test('a tenant on notice ends and is deleted as it was rehearsed, row by row', async () => {
  const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
  await theOwner(world, tenant);
  await aPerson(world, tenant.id, 'member');
  await operator.offboarding.schedule.mutate({
    tenantId: tenant.id,
    trigger: 'customer_request',
    note: 'bye',
  });
  await deliver();

  const timeline = await rehearse(tenant.id);
  const rehearsed = momentsOf(timeline);
  const last = rehearsed.at(-1)?.at ?? '';
  const lived = await walk(
    tenant,
    rehearsed.slice(0, -1).map(({ at }) => at),
  );
  await advanceTo(tenant.id, last);
  await purge(world, tenant);

  const { rows } = await operator.offboarding.certificate.query({ tenantId: tenant.id });
  const deletion = timeline.entries.find(({ kind }) => kind === 'deletion');
  expect(lived).toEqual(rehearsed.slice(0, -1));
  expect(lived.map(({ status }) => status)).toContain('offboarded');
  expect(deletion?.at).toBe(last);
  expect(withoutEmpty(rows)).toEqual(
    // Each step of the walk was an event of its own.
    withSteps(deletion?.facts['rows'], rehearsed.length),
  );
});

test('a clock that jumps over all of it at once leads to the same end, by way of the same moments', async () => {
  const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
  await theOwner(world, tenant);
  await operator.suspension.suspend.mutate({
    tenantId: tenant.id,
    ...pause,
    startsAt: inDays(3),
    endsAt: inDays(4),
  });

  const rehearsed = momentsOf(await rehearse(tenant.id, 60));
  await advanceTo(tenant.id, inDays(60));

  const end = rehearsed.at(-1);
  const moments = (await systemMoments(tenant.id)).filter((at) => typeof at === 'string');
  expect(await operator.tenants.get.query({ tenantId: tenant.id })).toMatchObject({
    status: end?.status,
    plan: end?.plan,
  });
  expect(moments.length).toBeGreaterThan(3);
  expect(rehearsed.map(({ at }) => at)).toEqual(expect.arrayContaining(moments));
});

test('a rehearsal leaves nothing behind: no row, no job, no mail', async () => {
  const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
  await theOwner(world, tenant);
  await operator.offboarding.schedule.mutate({
    tenantId: tenant.id,
    trigger: 'customer_request',
    note: 'bye',
  });
  const before = await everything();

  const { entries } = await rehearse(tenant.id);

  expect(entries.map(({ kind }) => kind)).toContain('deletion');
  expect(await everything()).toEqual(before);
  expect((await operator.tenants.get.query({ tenantId: tenant.id })).status).toBe('trial');
});

test('a legal hold keeps the data in a rehearsal too', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free', sandbox: true });
  await operator.offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note: 'bye' });
  await operator.offboarding.placeHold.mutate({ tenantId, note: 'litigation' });

  const { entries } = await rehearse(tenantId);

  expect(entries.filter(({ kind }) => kind === 'deadline').map(({ facts }) => facts['deadline'])).toContain(
    'purge',
  );
  expect(entries.map(({ kind }) => kind)).not.toContain('deletion');
});

test('what operators have paused does not come in a rehearsal', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'professional', sandbox: true });
  await operator.deadlines.pause.mutate({ kind: 'trial_end', note: 'a test' });

  const { entries } = await rehearse(tenantId);
  await operator.deadlines.resume.mutate({ kind: 'trial_end', note: 'a test' });

  expect(entries.map(({ facts }) => facts['deadline'])).toContain('trial_notice_1');
  expect(entries.map(({ facts }) => facts['deadline'])).not.toContain('trial_end');
});

test('a tenant that is no sandbox is rehearsed alike', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'professional' });

  const rehearsed = momentsOf(await rehearse(tenantId));

  expect(rehearsed.map(({ plan }) => plan).at(-1)).toBe('free');
});

test.each([inDays(-1), inDays(3661)])('a rehearsal until %s is refused', async (until) => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  const refusal = await refusalOf(operator.tenants.timeline.query({ tenantId, until }));

  expect(refusal).toMatchObject({ reason: 'INVALID_INPUT' });
  expect(refusal.message).toMatch(/^until: /);
});

/** Every row of every table, counted, and the jobs. */
async function everything() {
  const tables = await owner<{ name: string }>(
    `select schemaname || '.' || relname as name from pg_stat_user_tables where schemaname in ('public', 'pgboss')`,
  );
  const counts: Record<string, unknown> = {};
  for (const { name } of tables) [counts[name]] = await owner(`select count(*)::int from ${name}`);
  return counts;
}

function withoutEmpty(rows: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0));
}

function withSteps(rows: unknown, steps: number): Record<string, number> {
  const counted = new Map(Object.entries(rows ?? {}));
  return withoutEmpty({
    ...Object.fromEntries(counted),
    audit_events: Number(counted.get('audit_events')) + steps,
  });
}
