import { expect, test } from 'vitest';
import { connect } from '../../support/connection.ts';
import { createScimClient } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
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
