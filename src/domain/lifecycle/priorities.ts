import { daysAfter } from './deadlines.ts';

/** The operations manual's priorities, the most pressing first. They order the operators' queue. */
export const priorities = ['P0', 'P1', 'P2'] as const;
export type Priority = (typeof priorities)[number];

/** Days after which an overdue task or approval goes to the backup. */
export const escalationDays = 2;

const weekend = new Set(['Sat', 'Sun']);

/** When work of a priority is due: P0 at once, P1 within one business day, P2 within a week, when swept up. */
export function dueDate(priority: Priority, now: Date, timeZone: string): Date {
  if (priority === 'P0') return now;
  return priority === 'P1' ? nextBusinessDay(now, timeZone) : daysAfter(now, 7);
}

/** The same time of the next day that is no Saturday or Sunday in a time zone. */
export function nextBusinessDay(now: Date, timeZone: string): Date {
  const weekday = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone });
  for (let days = 1; ; days += 1) {
    const day = daysAfter(now, days);
    if (!weekend.has(weekday.format(day))) return day;
  }
}
