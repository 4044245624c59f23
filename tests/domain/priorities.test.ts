import { assert, constantFrom, date, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closingTasks, taskKinds, taskTerms } from '../../src/domain/lifecycle/closing-tasks.ts';
import { daysAfter } from '../../src/domain/lifecycle/deadlines.ts';
import {
  dueDate,
  escalationDays,
  nextBusinessDay,
  priorities,
} from '../../src/domain/lifecycle/priorities.ts';

const zones = Intl.supportedValuesOf('timeZone');
const moments = date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2035-01-01T00:00:00Z'),
  noInvalidDate: true,
});

function clock(moment: Date, timeZone: string): { weekday: string; time: string; date: string } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(moment);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return {
    weekday: part('weekday'),
    time: `${part('hour')}:${part('minute')}:${part('second')}`,
    date: `${part('year')}-${part('month')}-${part('day')}`,
  };
}

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

describe('one business day', () => {
  test('ends at the same time by the clock of the tenant’s zone, on its next day that is no weekend', () => {
    assert(
      property(moments, constantFrom(...zones), (now, zone) => {
        const before = clock(now, zone);

        const after = clock(nextBusinessDay(now, zone), zone);

        const days = { Fri: 3, Sat: 2 }[before.weekday] ?? 1;
        expect(daysBetween(before.date, after.date)).toBe(days);
        expect(['Sat', 'Sun']).not.toContain(after.weekday);
        // A time that the change of clocks skips becomes the one an hour (in one zone half an hour) later.
        const shift = Date.parse(`1970-01-01T${after.time}Z`) - Date.parse(`1970-01-01T${before.time}Z`);
        expect([0, 1_800_000, 3_600_000]).toContain(shift);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['a Wednesday', '2026-11-25T09:00:00Z', 'UTC', '2026-11-26T09:00:00Z'],
    ['a Friday', '2026-11-27T09:00:00Z', 'UTC', '2026-11-30T09:00:00Z'],
    ['a Saturday', '2026-11-28T09:00:00Z', 'UTC', '2026-11-30T09:00:00Z'],
    ['a Sunday', '2026-11-29T09:00:00Z', 'UTC', '2026-11-30T09:00:00Z'],
    ['a Thursday that is a Friday there', '2026-11-26T23:00:00Z', 'Asia/Tokyo', '2026-11-29T23:00:00Z'],
    ['a Monday that is a Sunday there', '2026-11-30T03:00:00Z', 'America/New_York', '2026-12-01T03:00:00Z'],
    ['a Friday night before clocks go on', '2026-03-27T22:30:00Z', 'Europe/Berlin', '2026-03-30T21:30:00Z'],
    ['a Friday night before clocks go back', '2026-10-23T21:30:00Z', 'Europe/Berlin', '2026-10-26T22:30:00Z'],
    ['a time that clocks skip the next day', '2026-04-22T22:30:00Z', 'Africa/Cairo', '2026-04-23T22:30:00Z'],
  ])('from %s (%s, %s) ends at %s', (_, now, zone, end) => {
    expect(nextBusinessDay(new Date(now), zone)).toEqual(new Date(end));
  });
});

test('P0 is due at once, P1 in one business day, P2 in a week, and never before a more pressing one', () => {
  assert(
    property(moments, constantFrom(...zones), (now, zone) => {
      const [first, second, third] = priorities.map((priority) => dueDate(priority, now, zone));

      expect(first).toEqual(now);
      expect(second).toEqual(nextBusinessDay(now, zone));
      expect(third).toEqual(daysAfter(now, 7));
      expect(Number(second)).toBeGreaterThan(Number(first));
      expect(Number(third)).toBeGreaterThan(Number(second));
    }),
    { numRuns: 100 },
  );
});

test('what is overdue goes to the backup after two days, who is another than the owner', () => {
  expect(escalationDays).toBe(2);
  for (const kind of taskKinds) expect(taskTerms[kind].backup).not.toBe(taskTerms[kind].owner);
});

test.each([
  ['closing_communications', 'customer_success', 'engineering', 14],
  ['closing_billing', 'billing', 'customer_success', 7],
  ['closing_tickets', 'customer_success', 'engineering', 7],
] as const)(
  'the closing task %s is for %s, backed up by %s, within %i days',
  (kind, owner, backup, dueDays) => {
    expect(closingTasks).toContain(kind);
    expect(taskTerms[kind]).toMatchObject({ owner, backup, dueDays });
  },
);
