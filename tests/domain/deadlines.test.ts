import { describe, expect, test } from 'vitest';
import { daysAfter, durationMilliseconds, minutesAfter } from '../../src/domain/lifecycle/deadlines.ts';

const second = 1000;
const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

describe('a duration', () => {
  test.each([
    ['P30D', 30 * day],
    ['P1D', day],
    ['P0D', 0],
    ['P2W', 14 * day],
    ['P1W3D', 10 * day],
    ['PT12H', 12 * hour],
    ['PT90M', 90 * minute],
    ['PT1S', second],
    ['PT1H30M15S', hour + 30 * minute + 15 * second],
    ['P1DT1S', day + second],
    ['P1W1DT1H1M1S', 8 * day + hour + minute + second],
    ['P99999D', 99_999 * day],
  ])('%s is %i milliseconds', (text, milliseconds) => {
    expect(durationMilliseconds(text)).toBe(milliseconds);
  });

  test.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P1',
    '1D',
    'T1H',
    'P1H',
    'PT1D',
    'P1Y',
    'P1M',
    'P1D1W',
    'PT1S1M',
    'P1.5D',
    'P1,5D',
    '-P1D',
    'P-1D',
    '+P1D',
    'p1d',
    ' P1D',
    'P1D ',
    'P1D\n',
    'P１D',
    'P100000D',
  ])('%j is none', (text) => {
    expect(durationMilliseconds(text)).toBeNull();
  });
});

test('a day is 24 hours, also over the change to summer time', () => {
  const before = new Date('2026-03-28T12:00:00+01:00');

  expect(daysAfter(before, 1).toISOString()).toBe('2026-03-29T11:00:00.000Z');
  expect(daysAfter(before, -1).toISOString()).toBe('2026-03-27T11:00:00.000Z');
  expect(before.toISOString()).toBe('2026-03-28T11:00:00.000Z');
});

test('minutes lead over the end of a year', () => {
  expect(minutesAfter(new Date('2026-12-31T23:45:00Z'), 30).toISOString()).toBe('2027-01-01T00:15:00.000Z');
});
