import { daysAfter } from './deadlines.ts';

/** The operations manual's priorities, the most pressing first. They order the operators' queue. */
export const priorities = ['P0', 'P1', 'P2'] as const;
export type Priority = (typeof priorities)[number];

/** Days after which an overdue task or approval goes to the backup. */
export const escalationDays = 2;

/** When work of a priority is due: P0 at once, P1 within one business day, P2 within a week, when swept up. */
export function dueDate(priority: Priority, now: Date, timeZone: string): Date {
  if (priority === 'P0') return now;
  return priority === 'P1' ? nextBusinessDay(now, timeZone) : daysAfter(now, 7);
}

/**
 * The same time by the clocks of a time zone on the next day that is no Saturday or Sunday there. A day on which
 * the clocks change is longer or shorter than 24 hours; a time that it skips becomes the one an hour later.
 */
export function nextBusinessDay(now: Date, timeZone: string): Date {
  const local = localTime(now, timeZone);
  let day = daysAfter(local, 1);
  while (isWeekend(day)) day = daysAfter(day, 1);
  // The clocks may have changed in between, and near the change its offset has to be asked for again.
  let moment = now;
  for (let tries = 0; tries < 3; tries += 1) moment = new Date(day.getTime() - offsetAt(moment, timeZone));
  return moment;
}

function isWeekend(local: Date): boolean {
  return local.getUTCDay() === 0 || local.getUTCDay() === 6;
}

/** What the clocks of a time zone show, written as if it were UTC. */
function localTime(moment: Date, timeZone: string): Date {
  return new Date(moment.getTime() + offsetAt(moment, timeZone));
}

/** Milliseconds by which a time zone is ahead of UTC at a moment. */
function offsetAt(moment: Date, timeZone: string): number {
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes, seconds] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name ?? '') ?? [];
  const ahead = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return (sign === '-' ? -ahead : ahead) * 1000;
}
