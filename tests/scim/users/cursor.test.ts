import { expect, test } from 'vitest';
import { aScimToken, openWorld } from '../../support/world.ts';
import { createScimClient } from '../../support/scim-client.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { groupsOf } from '../groups/group-clients.ts';

const world = await openWorld();
const directory = await aDirectory(world);
await world.inTenant(directory.tenant.id, ({ em, tenant }) =>
  em.execute(
    `insert into users (tenant_id, id, origin, user_name, user_name_key, display_name, display_name_key, created_at)
     select ?, gen_random_uuid(), 'scim', 'user-' || n, 'user-' || n,
       case when n % 3 = 0 then null else 'Name ' || n % 7 end, case when n % 3 = 0 then null else 'name ' || n % 7 end,
       timestamptz '2026-01-01' + (n / 40) * interval '1 s'
     from generate_series(1, 120) n`,
    [tenant.id],
  ),
);
const all = (await directory.send('GET', '/Users?count=200')).body.Resources ?? [];
const ids = all.map(({ id }) => id);

function page(query: string) {
  return directory.send('GET', `/Users?${query}`);
}

async function walk(query: string): Promise<(string | undefined)[]> {
  const seen: (string | undefined)[] = [];
  for (let cursor = ''; ;) {
    const { body } = await page(`cursor=${cursor}&count=25&${query}`);
    seen.push(...(body.Resources ?? []).map(({ id }) => id));
    if (typeof body['nextCursor'] !== 'string') return seen;
    cursor = body['nextCursor'];
  }
}

test('a walk by cursor sees everybody once, in the order of creation', async () => {
  const { body } = await page('cursor&count=25');

  expect(body).toMatchObject({ totalResults: 120, itemsPerPage: 25, nextCursor: expect.any(String) });
  expect(body).not.toHaveProperty('startIndex');
  expect(await walk('')).toEqual(ids);
});

test.each(['ascending', 'descending'])(
  'sorted %s, absent names are last or first and nobody is lost',
  async (order) => {
    const seen = await walk(`sortBy=displayName&sortOrder=${order}`);
    const names = seen.map((id) => JSON.stringify(all.find((one) => one.id === id)?.['displayName'] ?? '~'));

    expect(new Set(seen)).toEqual(new Set(ids));
    expect(seen).toHaveLength(120);
    expect(order === 'ascending' ? names : names.toReversed()).toEqual(names.toSorted());
  },
);

test('a cursor is of one tenant, token, query and page size, and of our making', async () => {
  const { body } = await page('cursor&count=25');
  const cursor = String(body['nextCursor']);
  const other = await aDirectory(world);
  await aProvisionedUser(other);
  const { token } = await aScimToken(world, directory.tenant);
  const neighbour = createScimClient({ ...directory, token });

  expectError(await page(`cursor=${cursor.slice(0, -2)}xx&count=25`), 400, 'invalidCursor');
  expectError(await page(`cursor=1&count=25`), 400, 'invalidCursor');
  expectError(await page(`cursor=${cursor}&count=25&filter=active%20eq%20true`), 400, 'invalidCursor');
  expectError(await page(`cursor=${cursor}&count=24`), 400, 'invalidCount');
  expectError(await page('cursor&count=201'), 400, 'invalidCount');
  expectError(await other.send('GET', `/Users?cursor=${cursor}&count=25`), 400, 'invalidCursor');
  expectError(await neighbour.send('GET', `/Users?cursor=${cursor}&count=25`), 400, 'invalidCursor');
  expectError(await directory.send('GET', `/Groups?cursor=${cursor}&count=25`), 400, 'invalidCursor');
  expect((await page(`cursor=${cursor}`)).body).toMatchObject({ itemsPerPage: 25 });
});

test.each(['sortBy=password', 'sortBy=shoe', 'sortBy=addresses', 'sortBy=userName&sortOrder=up'])(
  '%s is 400',
  async (query) => {
    expectError(await page(query), 400, 'invalidValue');
  },
);

test('/.search finds users and groups together, and answers as GET does for one kind', async () => {
  const name = 'Both Kinds';
  const group = await groupsOf(directory).create({ displayName: name });
  const user = await directory.send('POST', '/Users', { body: { userName: 'both', displayName: name } });
  const search = (path: string, body: object) => directory.send('POST', path, { body });
  const filter = `displayName eq "both kinds"`;

  const both = await search('/.search', { filter, sortBy: 'meta.created', attributes: ['displayName'] });
  const users = await search('/Users/.search', { filter });
  const members = await search('/.search', { filter: 'members pr or userName eq "BOTH"', count: 1 });

  expect(both.body.Resources?.map(({ id }) => id)).toEqual([group.body.id, user.body.id]);
  expect(users.body).toEqual((await page(`filter=${encodeURIComponent(filter)}`)).body);
  expect(members.body).toMatchObject({ totalResults: 1, Resources: [{ id: user.body.id }] });
  expectError(await search('/.search', { filter: 'shoe pr' }), 400, 'invalidFilter');
});

test('a walk by startIndex skips nobody when those before are deleted, and its total counts them', async () => {
  const first = await page('count=40');
  const seen = (first.body.Resources ?? []).map(({ id }) => id);
  for (const id of seen.slice(0, 10)) await directory.send('DELETE', `/Users/${id}`);

  const second = await page('count=40&startIndex=41');
  const third = await page('count=60&startIndex=81');

  const walked = [first, second, third].flatMap(({ body }) => body.Resources ?? []).map(({ id }) => id);
  expect(walked.slice(0, 120)).toEqual(ids);
  expect(third.body.totalResults).toBe(walked.length);
});
