import { minutesAfter } from './lifecycle/deadlines.ts';

/** Within how many minutes what a directory takes is one sync. */
export const lossWindowMinutes = 10;

/** How many people a directory may take within that time from however small a tenant. */
export const lossesTolerated = 5;

/** How many of so many people a directory may take before it is an alarm: five, and a fifth of them. */
export function tolerates(people: number): number {
  return Math.max(lossesTolerated, Math.floor(people / 5));
}

/** From when on what was taken belongs to the same sync as what is taken now. */
export function windowStart(now: Date): Date {
  return minutesAfter(now, -lossWindowMinutes);
}
