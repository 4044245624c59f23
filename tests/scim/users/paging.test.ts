import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { expectError } from '../expected-error.ts';

/** Users with one and the same moment of creation, in no order of their ids. */
const world = await openWorld();
const directory = await aDirectory(world);
await world.inTenant(directory.tenant.id, ({ em, tenant }) =>
  em.execute(
    `insert into users (tenant_id, id, origin, user_name, user_name_key, created_at)
     select ?, gen_random_uuid(), 'scim', 'user-' || n, 'user-' || n, timestamptz '2026-01-01' + (n / 40) * interval '1 s'
     from generate_series(1, 450) n`,
    [tenant.id],
  ),
);

function page(query: string) {
  return directory.send('GET', `/Users?${query}`);
}

test('pages cover the directory exactly, in the same order at every size', async () => {
  const byHundred = await directory.okta.importUsers();
  const bySeventy: unknown[] = [];
  for (let start = 1; start <= 450; start += 70) {
    bySeventy.push(...((await page(`startIndex=${start}&count=70`)).body.Resources ?? []));
  }

  expect(byHundred).toHaveLength(450);
  expect(new Set(byHundred.map(({ id }) => id)).size).toBe(450);
  expect(bySeventy).toEqual(byHundred);
});

test('an import that runs while users are created and changed misses and repeats nobody who was there', async () => {
  const there = (await directory.okta.importUsers()).map(({ id }) => id);
  const reading = { isOver: false };
  const writers = Array.from({ length: 3 }, async (_, writer) => {
    let created = 0;
    for (; !reading.isOver; created += 1) {
      await directory.send('POST', '/Users', { body: { userName: `new-${writer}-${created}` } });
      const id = there[(created * 7 + writer) % there.length] ?? '';
      await directory.entra.updateUser(id, { op: 'Add', path: 'title', value: `t${created}` });
    }
    return created;
  });

  const seen: (string | undefined)[] = [];
  for (let start = 1; ; start += 20) {
    const { body } = await page(`startIndex=${start}&count=20`);
    seen.push(...(body.Resources ?? []).map(({ id }) => id));
    if ((body.Resources?.length ?? 0) < 20) break;
  }
  reading.isOver = true;
  const created = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0);

  expect(created).toBeGreaterThan(3);
  expect(seen.filter((id) => there.includes(id))).toEqual(there);
});

test.each([
  ['', 1, 100],
  ['startIndex=0', 1, 100],
  ['startIndex=-5&count=3', 1, 3],
  ['count=0', 1, 0],
  ['count=-1', 1, 0],
  ['count=100000', 1, 200],
  ['startIndex=2&count=1', 2, 1],
  ['startIndex=999999', 999_999, 0],
  ['startIndex=99999999999999999999', 2_147_483_647, 0],
])(
  'the page %j begins at %d and holds %d, and the total is of all',
  async (query, startIndex, itemsPerPage) => {
    const { status, body } = await page(query);
    const all = await world.inTenant(directory.tenant.id, ({ em }) =>
      em.execute<{ count: number }[]>('select count(*)::int as count from users'),
    );

    expect(status).toBe(200);
    expect(body).toMatchObject({ startIndex, itemsPerPage, totalResults: all[0]?.count });
    expect(body.Resources).toHaveLength(itemsPerPage);
  },
);

test('a filter that finds many is paged like any list', async () => {
  const filter = `filter=${encodeURIComponent('active eq true')}`;

  const { body } = await page(`${filter}&startIndex=101&count=50`);

  expect(body).toMatchObject({ startIndex: 101, itemsPerPage: 50 });
  expect(body.Resources).toEqual((await page('startIndex=101&count=50')).body.Resources);
});

test.each(['count=abc', 'startIndex=1.5', 'count=', 'startIndex=0x10', 'count=1e3'])(
  '%s is 400 invalidValue',
  async (query) => {
    expectError(await page(query), 400, 'invalidValue');
  },
);

test.each([
  'filter=',
  'filter=nonsense',
  'filter=favouriteColour%20eq%20%22x%22',
  'filter=active%20co%20%22x%22',
  'filter=active%20gt%20true',
  `filter=${'('.repeat(4000)}`,
  `filter=${encodeURIComponent('userName eq "x" or favouriteColour eq "y"')}`,
])('%s is 400 invalidFilter, never everybody', async (query) => {
  expectError(await page(query), 400, 'invalidFilter');
});
