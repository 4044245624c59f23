import { expect, test } from 'vitest';
import { operatorPlace, placeOf, writeDays, writeMoment } from '../../src/domain/texts/moments.ts';

const noon = new Date('2026-12-24T12:00:00Z');
const tenant = { timeZone: 'Europe/Berlin', locale: 'de' };

test.each([
  [operatorPlace, '24 December 2026 at 12:00 UTC'],
  [{ timeZone: 'UTC', locale: 'en' }, 'December 24, 2026 at 12:00 PM UTC'],
  [{ timeZone: 'Europe/Berlin', locale: 'en' }, 'December 24, 2026 at 1:00 PM GMT+1 (Europe/Berlin)'],
  [{ timeZone: 'America/New_York', locale: 'en' }, 'December 24, 2026 at 7:00 AM EST (America/New_York)'],
  [{ timeZone: 'Asia/Kolkata', locale: 'en-GB' }, '24 December 2026 at 17:30 GMT+5:30 (Asia/Kolkata)'],
  [{ timeZone: 'Europe/Berlin', locale: 'de' }, '24. Dezember 2026 um 13:00 MEZ (Europe/Berlin)'],
])('a reader in %j is told the hour of their clock, and its zone', (place, text) => {
  expect(writeMoment(noon, place).replaceAll(/\s/g, ' ')).toBe(text);
});

test('the two hours of a night on which clocks go back read differently', () => {
  const place = { timeZone: 'Europe/Berlin', locale: 'en' };

  const first = writeMoment(new Date('2026-10-25T00:30:00Z'), place);
  const second = writeMoment(new Date('2026-10-25T01:30:00Z'), place);

  expect(first).toContain('2:30');
  expect(second).toContain('2:30');
  expect(first).not.toBe(second);
});

test.each([
  [{}, tenant],
  [{ timezone: null, locale: null }, tenant],
  [
    { timezone: 'America/Lima', locale: 'es-PE' },
    { timeZone: 'America/Lima', locale: 'es-PE' },
  ],
  [{ locale: 'en_US' }, { timeZone: 'Europe/Berlin', locale: 'en-US' }],
  [{ timezone: 'Mars/Olympus', locale: 'not a language' }, tenant],
  [{ timezone: '+01:00', locale: '' }, tenant],
])('a reader whose directory says %j has the tenant’s place for what it does not', (profile, place) => {
  expect(placeOf(profile, tenant)).toEqual(place);
});

test('days are counted in words', () => {
  expect([writeDays(0), writeDays(1), writeDays(7)]).toEqual(['0 days', '1 day', '7 days']);
});
