import { expect, test } from 'vitest';
import { budgetKey } from '../../../src/db/calls/budget-table.ts';
import { scimCalls } from '../../../src/domain/plans/api-calls.ts';
import { connect } from '../../support/connection.ts';
import { createScimClient } from '../../support/scim-client.ts';
import { aScimToken, aTenant, openWorld, type TestTenant } from '../../support/world.ts';
import { aLoggedDirectory } from './logged-directory.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const query = await connect(world.database.ownerUrl);
const directory = await aLoggedDirectory(world);
const { tenant, send, readLog, lastLogged, tokenId } = directory;

test('a request that the database cannot log is answered all the same, and is logged when it can', async () => {
  await readLog();
  await query('alter table scim_requests rename to scim_requests_away');
  const answers = await Promise.all([1, 2].map(() => send('GET', '/Users?count=1')));
  await directory.requests.close();
  await query('alter table scim_requests_away rename to scim_requests');

  const { items } = await readLog({ since: new Date(Date.now() - 60_000).toISOString() });

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(items.slice(0, 2)).toMatchObject([{ query: 'count=1' }, { query: 'count=1' }]);
});

test('a tenant whose row is locked is logged later, and holds nobody else up', async () => {
  const other = await aLoggedDirectory(world);
  const asOther = createScimClient({ ...directory, baseUrl: other.baseUrl, token: other.token });

  const [ours, others] = await world.inTenant(tenant.id, async ({ em }) => {
    await em.execute('select 1 from tenants where id = ? for update', [tenant.id]);
    directory.requests.note({ ...sample, sender: { tenantId: tenant.id, tokenId, valid: true } });
    await asOther.send('GET', '/Users?count=3');
    return [await readLog(), await other.readLog()];
  });
  const { items } = await readLog();

  expect(ours.items[0]).not.toMatchObject({ path: sample.path });
  expect(others.items[0]).toMatchObject({ query: 'count=3' });
  expect(items[0]).toMatchObject({ path: sample.path });
});

test('a service that stops writes first what waits', async () => {
  const service = await world.another();
  const asked = `${service.url}/scim/v2/${tenant.slug}/Users?count=7`;
  await fetch(asked, { headers: { authorization: `Bearer ${directory.token}` } });

  await service.stop();

  expect(await lastLogged()).toMatchObject({ query: 'count=7', status: 200 });
});

test('one tenant that is answered 429 costs another nothing, and its own log one row a minute', async () => {
  const [noisy, quiet] = [await aTenant(world), await aTenant(world)];
  const [shout, ask] = [await aScimToken(world, noisy), await aScimToken(world, quiet)];
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute(`select take_api_calls(?, ?::int, ?::int, 1)`, [
      budgetKey('scim', noisy.id),
      scimCalls,
      scimCalls,
    ]),
  );
  const send = ({ slug }: TestTenant, token: string) =>
    world.send(`/scim/v2/${slug}/Users?count=1`, { token });

  const [refused, served] = await Promise.all([
    Promise.all(Array.from({ length: 90 }, () => send(noisy, shout.token))),
    Promise.all(Array.from({ length: 30 }, () => send(quiet, ask.token))),
  ]);

  expect(new Set(served.map(({ status }) => status))).toEqual(new Set([200]));
  for (const { status, headers, body } of refused) {
    expect([status, body.status, body.schemas]).toEqual([429, '429', [errorUrn]]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  const timesOf = async ({ id: tenantId }: TestTenant) =>
    (await world.operator.connections.scim.log.query({ tenantId })).items.map(({ times }) => times);
  await expect.poll(async () => sum(await timesOf(noisy)), { timeout: 5000 }).toBe(90);
  await expect.poll(async () => await timesOf(quiet), { timeout: 5000 }).toHaveLength(30);
  expect((await timesOf(noisy)).length).toBeLessThanOrEqual(2);
});

const sum = (times: number[]) => times.reduce((total, one) => total + one, 0);

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

const sample = {
  at: new Date(),
  client: null,
  requestId: 'a-request',
  method: 'GET',
  path: '/Locked',
  status: 404,
  durationMs: 1,
  resourceId: null,
  normalized: [],
  changes: [],
  scimType: null,
  refusal: null,
  sent: { query: null, body: null },
};
