import { Temporal } from 'temporal-polyfill';
import type { Interval } from './prices.ts';

/** From what a tenant's periods are counted: a moment, whose day and local time in a time zone come again and again. */
export type Anchor = { at: Date; interval: Interval; timeZone: string };

/** A period: from `start` on, until before `end`. The one that begins at the anchor has index 0. */
export type Period = { start: Date; end: Date; index: number };

const monthsIn: Readonly<Record<Interval, number>> = { month: 1, year: 12 };

/**
 * The moment at which a tenant's period begins, always counted from the anchor and never from the period before: an
 * anchor on the 31st falls on the last day of shorter months, and on the 31st again. A local time that the clocks skip
 * becomes as much later as they skip, of one that comes twice it is the first (as in RFC 5545 §3.3.5).
 */
export function periodStart({ at, interval, timeZone }: Anchor, index: number): Date {
  // The anchor may itself be the second of two equal local times.
  if (index === 0) return at;
  const moment = localTime(at, timeZone)
    .add({ months: index * monthsIn[interval] }, { overflow: 'constrain' })
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  return new Date(moment.epochMilliseconds);
}

/** The period in which a moment lies. */
export function periodAt(anchor: Anchor, moment: Date): Period {
  let index = guessIndex(anchor, moment);
  while (periodStart(anchor, index) > moment) index -= 1;
  let end = periodStart(anchor, index + 1);
  while (end <= moment) {
    index += 1;
    end = periodStart(anchor, index + 1);
  }
  return { start: periodStart(anchor, index), end, index };
}

/** When the period in which a moment lies ends. */
export function nextPeriodEnd(anchor: Anchor, moment: Date): Date {
  return periodAt(anchor, moment).end;
}

/** The index by the calendar alone: off by one at most. */
function guessIndex({ at, interval, timeZone }: Anchor, moment: Date): number {
  const from = localTime(at, timeZone);
  const to = localTime(moment, timeZone);
  return Math.floor(((to.year - from.year) * 12 + to.month - from.month) / monthsIn[interval]);
}

function localTime(moment: Date, timeZone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(moment.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime();
}
