/** The end of the n-th interval from an anchor: the anchor's day and time, or the last day of a shorter month. UTC. */
export function periodEnd(anchor: number, interval: 'month' | 'year', count: number): number {
  const from = new Date(anchor * 1000);
  const months = from.getUTCMonth() + count * (interval === 'year' ? 12 : 1);
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), months + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  const time = (anchor - 86_400 * Math.floor(anchor / 86_400)) * 1000;
  return (Date.UTC(from.getUTCFullYear(), months, day) + time) / 1000;
}

/** The first end of an interval after a moment. */
export function nextPeriodEnd(anchor: number, interval: 'month' | 'year', after: number): number {
  let count = 1;
  while (periodEnd(anchor, interval, count) <= after) count += 1;
  return periodEnd(anchor, interval, count);
}
