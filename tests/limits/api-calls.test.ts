import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { budgetKey } from '../../src/db/calls/budget-table.ts';
import { Tenant } from '../../src/db/entities/tenant.ts';
import { scimCalls } from '../../src/domain/plans/api-calls.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { theOwner } from '../api/people.ts';
import { aRegistration, aScimToken, aTenant, openWorld, type Session } from '../support/world.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const host = await world.operator.serviceClients.create.mutate({ name: 'host' });

type Person = Session;

const consume = (person: Person, calls: number | string, url = world.url) =>
  fetch(`${url}/api/auth/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.secret}` },
    body: new URLSearchParams({ token: person.accessToken, consume: String(calls) }),
  });
const me = (person: Person, url = world.url) =>
  fetch(`${url}/api/auth/me`, { headers: { authorization: `Bearer ${person.accessToken}` } });
const trpc = (person: Person, procedures = 'plans.current', url = world.url) =>
  fetch(`${url}/trpc/${procedures}${procedures.includes(',') ? '?batch=1' : ''}`, {
    headers: { authorization: `Bearer ${person.accessToken}` },
  });
const setLimit = (tenantId: string, limitApiCalls: number | null) =>
  world.inTenant(tenantId, ({ em }) => em.nativeUpdate(Tenant, tenantId, { limitApiCalls }));

async function aPerson(plan: Plan): Promise<Person> {
  if (plan !== 'enterprise') return aRegistration(world, { plan });
  return theOwner(world, await aTenant(world));
}

describe('the manual’s calls in 15 minutes, and not one more', () => {
  test.each([
    ['free', 100],
    ['starter', 500],
    ['professional', 2000],
    ['enterprise', 20_000],
  ] as const)('of the %s plan: %s', async (plan, limit) => {
    const person = await aPerson(plan);
    expect((await consume(person, limit - 3)).status).toBe(200);

    expect((await trpc(person)).status).toBe(200);
    expect((await me(person)).status).toBe(200);
    const last = await consume(person, 1);
    expect(last.status).toBe(200);
    expect(last.headers.get('ratelimit')).toMatch(/^"people";r=0;t=\d+$/);

    for (const refused of [await trpc(person), await me(person), await consume(person, 1)]) {
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(890);
      expect(refused.headers.get('ratelimit-policy')).toBe(`"people";q=${limit};w=900`);
      expect(await refused.text()).toContain('RATE_LIMITED');
    }
  });
});

test('each procedure of a batch is a call, and each is answered for itself', async () => {
  const person = await aPerson('free');
  await consume(person, 98);

  const answers = await (await trpc(person, 'plans.current,plans.current,plans.current')).json();

  const reasons = answers.map((each: { error?: { data: { reason: string } } }) => each.error?.data.reason);
  expect(reasons.toSorted()).toEqual(['RATE_LIMITED', undefined, undefined]);
});

test('a host application consumes all or nothing, and says how much in numbers alone', async () => {
  const person = await aPerson('free');
  await consume(person, 95);

  expect((await consume(person, 6)).status).toBe(429);
  expect((await consume(person, 5)).status).toBe(200);
  for (const wrong of [0, -1, 1.5, 'many']) expect((await consume(person, wrong)).status).toBe(400);
});

test('two services together let no more through, however many come at once', async () => {
  const person = await aPerson('free');
  const other = await world.another({ ROLE: 'web', PUBLIC_URL: world.url });
  await consume(person, 60);

  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, index) => me(person, index % 2 ? other.url : world.url)),
  );

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
});

test('the current plan tells what is used, calls of the last 15 minutes among it', async () => {
  const person = await aPerson('free');
  await consume(person, 41);

  const { usage, over } = await world.as(person.accessToken).plans.current.query();

  expect(usage).toMatchObject({ users: 1, projects: 0, storageBytes: 0, apiCalls: 42 });
  expect(Date.parse(usage.apiCallsResetAt ?? '')).toBeGreaterThan(Date.now() + 890_000);
  expect(over).toEqual([]);
});

test('operators, sign-ins and introspection without consume cost no call', async () => {
  const person = await aPerson('free');
  await consume(person, 100);

  const introspected = await fetch(`${world.url}/api/auth/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.secret}` },
    body: new URLSearchParams({ token: person.accessToken }),
  });
  const refreshed = await world.send('/api/auth/refresh', { body: { refreshToken: person.refreshToken } });

  expect(await introspected.json()).toMatchObject({ active: true });
  expect(refreshed.status).toBe(200);
  expect(await world.operator.plans.current.query({ tenantId: person.tenant['id'] })).toBeDefined();
});

test('a larger limit is in force at once, none at all is unlimited and counts nothing, zero refuses all', async () => {
  const person = await aPerson('free');
  const tenantId = person.tenant['id'];
  await consume(person, 100);
  expect((await me(person)).status).toBe(429);

  await setLimit(tenantId, 102);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect((await me(person)).status).toBe(200);
  await setLimit(tenantId, null);
  const unlimited = await me(person);
  expect(unlimited.headers.get('ratelimit')).toBeNull();
  await setLimit(tenantId, 0);
  expect((await me(person)).status).toBe(429);
});

test('a directory has a budget of its own', async () => {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const { token } = await aScimToken(world, tenant);
  const list = () => world.send(`/scim/v2/${tenant.slug}/Users?count=1`, { token });
  await consume(owner, 20_000);

  const passes = await list();
  expect(passes.status).toBe(200);
  expect(passes.headers.get('ratelimit-policy')).toBe(`"scim";q=${scimCalls};w=900`);
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute(`select take_api_calls(?, ?::int, ?::int, 1)`, [
      budgetKey('scim', tenant.id),
      scimCalls,
      scimCalls,
    ]),
  );

  const refused = await list();
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({ schemas: [expect.stringContaining('Error')], status: '429' });
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
});

test('a budget that cannot be asked holds nobody up', async () => {
  const person = await aPerson('free');
  await consume(person, 100);
  const other = await world.another({ ROLE: 'web', PUBLIC_URL: world.url });
  await renameTable('api_budgets', 'api_budgets_away');
  try {
    expect((await me(person, other.url)).status).toBe(200);
  } finally {
    await renameTable('api_budgets_away', 'api_budgets');
  }
});

async function renameTable(from: string, to: string): Promise<void> {
  const client = new Client({ connectionString: world.database.ownerUrl });
  await client.connect();
  await client.query(`alter table ${from} rename to ${to}`);
  await client.end();
}
