import { randomUUID } from 'node:crypto';
import { array, assert, asyncProperty, boolean, constantFrom, integer, oneof, record } from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { budgetKey, type Taken } from '../../src/db/calls/budget-table.ts';
import { callWindowSeconds } from '../../src/domain/plans/api-calls.ts';
import { connect } from '../support/connection.ts';
import { cloneDatabase } from '../support/database.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());
const query = await connect(database.ownerUrl);

type Asked = { allowed: number; wanted?: number; fewest?: number };

/** A budget of its own, asked at moments that are given, in seconds. */
function aBudget() {
  const key = budgetKey('people', randomUUID());
  return async (second: number, { allowed, wanted = 1, fewest = wanted }: Asked): Promise<Taken> => {
    const [row] = await query<{ taken: Taken }>(
      `select take_api_calls($1, $2, $3, $4, 'epoch'::timestamptz + $5 * interval '1 second') as taken`,
      [key, allowed, wanted, fewest, second],
    );
    if (!row) throw new Error('no answer');
    return row.taken;
  };
}

test('a budget that was left alone may be used up at once, and not by one more', async () => {
  const take = aBudget();

  const all = await take(1000, { allowed: 100, wanted: 100 });
  const more = await take(1000, { allowed: 100 });

  expect(all).toMatchObject({ granted: 100, used: 100, wait: null, frees: callWindowSeconds });
  expect(more).toMatchObject({ granted: 0, used: 100, wait: callWindowSeconds });
});

test('a refused call fits exactly when it was told to come again, and not before', async () => {
  const take = aBudget();
  await take(1000, { allowed: 3, wanted: 2 });
  await take(1100, { allowed: 3 });

  const { wait } = await take(1200, { allowed: 3 });

  expect(wait).toBe(700);
  expect(await take(1200 + 699.999, { allowed: 3 })).toMatchObject({ granted: 0 });
  expect(await take(1200 + 700, { allowed: 3 })).toMatchObject({ granted: 1, used: 2 });
});

test('several calls are taken together or not at all, and are told when all of them fit', async () => {
  const take = aBudget();
  await take(1000, { allowed: 10, wanted: 4 });
  await take(1100, { allowed: 10, wanted: 4 });

  const refused = await take(1200, { allowed: 10, wanted: 7 });

  expect(refused).toMatchObject({ granted: 0, used: 8, wait: 800, frees: 700 });
  expect(await take(1200, { allowed: 10, wanted: 2 })).toMatchObject({ granted: 2, used: 10 });
});

test('calls that came at the same time get what there is', async () => {
  const take = aBudget();
  await take(1000, { allowed: 10, wanted: 8 });

  expect(await take(1000, { allowed: 10, wanted: 5, fewest: 1 })).toMatchObject({ granted: 2, used: 10 });
});

test('a larger limit gives more at once; under a smaller one what was used still counts', async () => {
  const take = aBudget();
  await take(1000, { allowed: 100, wanted: 100 });

  expect(await take(1001, { allowed: 500, wanted: 400 })).toMatchObject({ granted: 400, used: 500 });
  expect(await take(1002, { allowed: 100 })).toMatchObject({ granted: 0, used: 500 });
});

test('a limit of zero gives nothing, ever', async () => {
  expect(await aBudget()(1000, { allowed: 0 })).toEqual({ granted: 0, used: 0, wait: null, frees: null });
});

test('a clock that was set back lets nothing more through', async () => {
  const take = aBudget();
  await take(5000, { allowed: 2, wanted: 2 });

  expect(await take(4000, { allowed: 2 })).toMatchObject({ granted: 0, wait: callWindowSeconds });
});

/** How many pages the table of budgets has. */
async function size(): Promise<number> {
  const [row] = await query<{ pages: number }>(`select pg_relation_size('api_budgets')::int / 8192 as pages`);
  return row?.pages ?? 0;
}

const runs = process.env['LONG'] ? 2000 : 60;

test(
  'in no window of 15 minutes more calls get through than the limit, whenever they come',
  { timeout: 600_000 },
  async () => {
    const gaps = oneof(
      integer({ min: 0, max: 40_000 }),
      constantFrom(0, 1, 29_999, 30_000, 899_999, 900_000, 900_001),
      integer({ min: 0, max: 950_000 }),
    );
    const steps = array(record({ gap: gaps, wanted: integer({ min: 1, max: 6 }), together: boolean() }), {
      minLength: 1,
      maxLength: 60,
    });
    await assert(
      asyncProperty(integer({ min: 0, max: 12 }), steps, async (allowed, asked) => {
        const take = aBudget();
        const passed: { at: number; calls: number }[] = [];
        let now = 1_000_000;
        for (const { gap, wanted, together } of asked) {
          now += gap;
          const { granted } = await take(now / 1000, { allowed, wanted, fewest: together ? wanted : 1 });
          expect(granted === wanted || granted === 0 || !together).toBe(true);
          passed.push({ at: now, calls: granted });
        }
        // Every window that could hold too many ends with a call.
        for (const { at } of passed) {
          const inside = passed.filter((each) => each.at <= at && each.at > at - callWindowSeconds * 1000);
          expect(inside.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(allowed);
        }
      }),
      { numRuns: runs },
    );
  },
);

test('who calls again after being quiet for 15 minutes may use the whole limit', async () => {
  await assert(
    asyncProperty(array(integer({ min: 0, max: 60_000 }), { maxLength: 30 }), async (gaps) => {
      const take = aBudget();
      let now = 1_000_000;
      for (const gap of gaps) await take((now += gap) / 1000, { allowed: 20 });

      const { granted } = await take(now / 1000 + callWindowSeconds, { allowed: 20, wanted: 20 });

      expect(granted).toBe(20);
    }),
    { numRuns: 20 },
  );
});

test('after ten thousand calls of a hundred tenants the table is as small as after the first', async () => {
  const keys = Array.from({ length: 100 }, () => budgetKey('people', randomUUID()));
  const takeAll = (rounds: number) =>
    query(
      `select take_api_calls(key, 1000000, 1, 1, 'epoch'::timestamptz + round * interval '10 seconds')
       from generate_series(1, $2::int) round, unnest($1::bytea[]) key`,
      [keys, rounds],
    );
  await takeAll(1);
  const first = await size();
  const growth = async () => {
    const before = await size();
    // A statement each, as in life: what a transaction replaces it cannot clear away itself.
    for (let round = 0; round < 100; round += 1) await takeAll(1);
    return (await size()) - before;
  };

  // While somebody else looks at an older state, as an analysis of the tables does, nothing is cleared away.
  const grown = [await growth(), await growth(), await growth()];
  expect(Math.min(...grown)).toBeLessThanOrEqual(first);
});
