/** A month of the service's life, in UTC. */
export type ServiceMonth = {
  /** Such as `2026-11`. */
  month: string;
  /** Minutes that have passed in it since the first heartbeat of all. */
  minutes: number;
  /** Those of them with a heartbeat. */
  minutesUp: number;
  /** What server errors take from these: of each minute their share of its requests. */
  minutesFailed: number;
  requests: number;
  serverErrors: number;
};

/** A month's availability beside what was promised; `met` is `null` where nothing was. */
export type Availability = {
  month: string;
  availabilityPercent: number;
  downMinutes: number;
  requests: number;
  serverErrors: number;
  met: boolean | null;
};

/**
 * How available the service was in a month: the share of its minutes with a heartbeat, less what server errors take.
 * Shown with three decimals, rounded down, so that a promise that was missed is never shown as kept.
 */
export function availabilityOf(of: ServiceMonth, promisedPercent: number | null): Availability {
  const up = of.minutes === 0 ? 1 : (of.minutesUp - of.minutesFailed) / of.minutes;
  const percent = up * 100;
  return {
    month: of.month,
    availabilityPercent: Math.floor(percent * 1000 + 1e-6) / 1000,
    downMinutes: Math.round((of.minutes - of.minutesUp + of.minutesFailed) * 1000) / 1000,
    requests: of.requests,
    serverErrors: of.serverErrors,
    met: promisedPercent === null ? null : percent + 1e-9 >= promisedPercent,
  };
}

/** The first moment of the month some months before that of a moment, in UTC. */
export function monthsBefore(moment: Date, months: number): Date {
  return new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() - months, 1));
}
