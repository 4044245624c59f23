import { expect, test } from 'vitest';
import { nextPeriodEnd, periodAt, periodStart } from '../../src/domain/plans/periods.ts';
import type { Interval } from '../../src/domain/plans/prices.ts';

const zones = Intl.supportedValuesOf('timeZone');
const tenYears = 120;

function aClock(timeZone: string): (moment: Date | number) => string {
  const clock = new Intl.DateTimeFormat('sv', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  });
  return (moment) => clock.format(moment);
}

/** What the clocks of a zone show at a moment, as if it were UTC. */
const shown = (clock: (moment: number) => string, moment: number) =>
  Date.parse(`${clock(moment).replace(' ', 'T')}Z`);

/** The moment at which a zone's clocks show a time: found by asking them, not by any calendar. */
function momentOf(local: number, timeZone: string): Date {
  const clock = aClock(timeZone);
  const offsets = [-36, 36].map((hours) => {
    const near = local + hours * 3_600_000;
    return shown(clock, near) - near;
  });
  const found = offsets.map((offset) => local - offset).find((moment) => shown(clock, moment) === local);
  if (found === undefined) throw new Error('the clocks never show it');
  return new Date(found);
}

/** The wanted day and time, a number of months after January 2024; the last day where the month has no such day. */
function wanted(day: number, months: number): number {
  const lastDay = new Date(Date.UTC(2024, months + 1, 0)).getUTCDate();
  return Date.UTC(2024, months, Math.min(day, lastDay), 2, 30);
}

const text = (moment: number) => new Date(moment).toISOString().slice(0, 16).replace('T', ' ');

test.each([29, 30, 31])(
  'in every time zone periods from the %dth keep their day and time for ten years, and rise without a gap',
  (day) => {
    const wrong: string[] = [];
    for (const timeZone of zones) {
      const clock = aClock(timeZone);
      const anchor = { at: momentOf(wanted(day, 0), timeZone), interval: 'month' as const, timeZone };
      let before = anchor.at.getTime();
      for (let index = 1; index <= tenYears; index += 1) {
        const start = periodStart(anchor, index).getTime();
        const local = wanted(day, index);
        const kept = clock(start) === text(local) || isSkipped(clock, local, start);
        if (!kept || start <= before) wrong.push(`${timeZone} ${index}: ${clock(start)}`);
        before = start;
      }
    }

    expect(wrong).toEqual([]);
  },
);

/** Whether no moment near `start` shows the wanted time, and `start` is as much later as the clocks skip. */
function isSkipped(clock: (moment: number) => string, local: number, start: number): boolean {
  const offsets = [-24, 24].map((hours) => {
    const near = start + hours * 3_600_000;
    return shown(clock, near) - near;
  });
  const [before = 0, after = 0] = offsets;
  return shown(clock, start) - local === after - before && after > before;
}

test('every moment lies in exactly one period, and the period after it begins where it ends', () => {
  for (const [position, timeZone] of zones.entries()) {
    const interval: Interval = position % 2 === 0 ? 'month' : 'year';
    const anchor = { at: momentOf(wanted(29 + (position % 3), 0), timeZone), interval, timeZone };
    let moment = anchor.at;
    for (let index = 0; index < 12; index += 1) {
      const period = periodAt(anchor, moment);

      expect(period).toEqual({ start: moment, end: periodStart(anchor, index + 1), index });
      expect(periodAt(anchor, new Date(period.end.getTime() - 1))).toEqual(period);

      moment = period.end;
    }
  }
});

const at = (local: string, timeZone: string) => momentOf(Date.parse(`${local}Z`), timeZone);

test('an anchor on the 31st falls on the last day of shorter months and comes back', () => {
  const timeZone = 'Europe/Berlin';
  const anchor = { at: at('2026-01-31T09:00', timeZone), interval: 'month' as const, timeZone };

  expect([1, 2, 3, 4].map((index) => aClock(timeZone)(periodStart(anchor, index)))).toEqual([
    '2026-02-28 09:00',
    '2026-03-31 09:00',
    '2026-04-30 09:00',
    '2026-05-31 09:00',
  ]);
});

test('a year from a leap day ends on 28 February, and four years on 29 February', () => {
  const timeZone = 'America/New_York';
  const anchor = { at: at('2024-02-29T23:59', timeZone), interval: 'year' as const, timeZone };

  expect([1, 2, 3, 4].map((index) => aClock(timeZone)(periodStart(anchor, index)))).toEqual([
    '2025-02-28 23:59',
    '2026-02-28 23:59',
    '2027-02-28 23:59',
    '2028-02-29 23:59',
  ]);
});

test("a month's last moment is in it, the next one is not, by the tenant's clocks and not by UTC", () => {
  const timeZone = 'Pacific/Auckland';
  const anchor = { at: at('2026-01-01T00:00', timeZone), interval: 'month' as const, timeZone };
  const end = nextPeriodEnd(anchor, anchor.at);

  expect(end).toEqual(new Date('2026-01-31T11:00:00Z'));
  expect(nextPeriodEnd(anchor, new Date(end.getTime() - 1))).toEqual(end);
  expect(periodAt(anchor, end).index).toBe(1);
});

test.each([
  ['the day before it nothing changes', '2026-02-28T02:30', '2026-03-28T01:30:00Z', 1],
  ['a time in summer stays what the clocks show', '2026-03-15T02:30', '2026-04-15T00:30:00Z', 1],
  ['a time that is skipped becomes an hour later', '2026-01-29T02:30', '2026-03-29T01:30:00Z', 2],
  ['a time that comes twice is the first', '2026-09-25T02:30', '2026-10-25T00:30:00Z', 1],
])('over a change of the clocks, %s', (_, local, expected, index) => {
  const timeZone = 'Europe/Berlin';
  const anchor = { at: at(local, timeZone), interval: 'month' as const, timeZone };

  expect(periodStart(anchor, index)).toEqual(new Date(expected));
});

test('an anchor in the second of two equal hours stays where it is', () => {
  const second = new Date('2026-10-25T01:30:00Z');
  const anchor = { at: second, interval: 'month' as const, timeZone: 'Europe/Berlin' };

  expect(periodAt(anchor, second)).toEqual({
    start: second,
    end: new Date('2026-11-25T01:30:00Z'),
    index: 0,
  });
});
