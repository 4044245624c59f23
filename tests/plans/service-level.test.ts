import { describe, expect, test } from 'vitest';
import { deleteExpiredTenantless } from '../../src/actions/operations/housekeeping.ts';
import { availabilityOf, monthsBefore } from '../../src/domain/plans/availability.ts';
import { connect } from '../support/connection.ts';
import { aTenant, eventually, openWorld } from '../support/world.ts';

const month = { month: '2026-11', minutes: 10_000, requests: 0, serverErrors: 0 };

describe('availability', () => {
  test.each([
    [9_900, 0, 99, true],
    [9_899, 0, 98.99, false],
    [10_000, 100, 99, true],
    [10_000, 100.1, 98.999, false],
    [0, 0, 0, false],
    [10_000, 0, 100, true],
  ])('of %d minutes up, %d of them failed, is %d %% of 99', (minutesUp, minutesFailed, percent, met) => {
    expect(availabilityOf({ ...month, minutesUp, minutesFailed }, 99)).toMatchObject({
      availabilityPercent: percent,
      met,
    });
  });

  test('is held to nothing where nothing is promised', () => {
    expect(availabilityOf({ ...month, minutesUp: 1, minutesFailed: 0 }, null).met).toBeNull();
  });
});

// Many processes beat into the same minutes.
const world = await openWorld({ env: { ROLE: 'web' } });
await world.another();
const query = await connect(world.database.ownerUrl);

const current = async (plan: 'free' | 'starter' = 'starter') => {
  const { id: tenantId } = await aTenant(world, { plan });
  return world.operator.plans.current.query({ tenantId });
};

/** Heartbeats of a whole month in UTC, but for some minutes in its middle. */
async function seedMonth(start: Date, gap: number, [requests, errors]: [number, number] = [10, 0]) {
  await query(
    `insert into service_minutes (minute, beats, requests, server_errors)
     select m, 4, $3, case when m < $1::timestamptz + interval '1 day' then $4::int else 0 end
     from generate_series($1::timestamptz, $2::timestamptz - interval '1 minute', interval '1 minute') m
     where m < $1::timestamptz + interval '10 days' or m >= $1::timestamptz + interval '10 days' + $5 * interval '1 minute'`,
    [start, monthsBefore(start, -1), requests, errors, gap],
  );
}

const minutesOf = (start: Date) => (monthsBefore(start, -1).getTime() - start.getTime()) / 60_000;

test('plans.current tells of each month since the first heartbeat, and which of them kept the promise', async () => {
  const now = new Date();
  const [older, old] = [monthsBefore(now, 3), monthsBefore(now, 1)];
  await seedMonth(older, 90);
  await seedMonth(old, 0, [10, 5]);

  const { sla } = await current();
  const free = await current('free');

  expect(sla.promisedPercent).toBe(99);
  expect(sla.months.map(({ month: name }) => name)).toEqual(
    [3, 2, 1, 0].map((before) => monthsBefore(now, before).toISOString().slice(0, 7)),
  );
  // A process that is killed and started again an hour and a half later leaves a gap of so many minutes.
  expect(sla.months[0]).toMatchObject({ downMinutes: 90, met: true });
  // Nothing lived in the month between, and for a day half of all answers were errors in the last one.
  expect(sla.months[1]).toMatchObject({ availabilityPercent: 0, requests: 0, met: false });
  expect(sla.months[2]).toMatchObject({
    downMinutes: 720,
    serverErrors: 1440 * 5,
    requests: minutesOf(old) * 10,
    met: false,
  });
  expect(free.sla).toMatchObject({ promisedPercent: null });
  expect(free.sla.months.map(({ met }) => met)).toEqual([null, null, null, null]);
});

const beats = async () => {
  const [row] = await query<{ beats: number }>(
    "select sum(beats)::int as beats from service_minutes where minute > now() - interval '10 minutes'",
    [],
  );
  return row?.beats ?? 0;
};

test('every process that serves beats into the minute, and what it said stays when it has stopped', async () => {
  await eventually(async () => (await beats()) >= 2, 'a heartbeat of both');
  const third = await world.another();
  await eventually(async () => (await beats()) >= 3, 'a heartbeat of the third');

  await third.stop();

  expect(await beats()).toBeGreaterThanOrEqual(3);
});

test('minutes are kept for thirteen months', async () => {
  const now = new Date();
  const kept = monthsBefore(now, 13);
  for (const minute of [kept, new Date(kept.getTime() - 60_000)])
    await query('insert into service_minutes (minute, beats) values ($1, 1)', [minute]);

  await world.db.asControlPlane(world.entry({ kind: 'system' }), deleteExpiredTenantless);

  const left = await query<{ minute: Date }>(
    'select minute from service_minutes order by minute limit 1',
    [],
  );
  expect(new Date(left[0]?.minute ?? 0)).toEqual(kept);
});
