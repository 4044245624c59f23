import { termsOf } from '../../domain/plans/catalogue.ts';
import { availabilityOf, monthsBefore, type ServiceMonth } from '../../domain/plans/availability.ts';
import type { Ports } from '../../domain/ports.ts';
import { ServiceMinute } from '../../db/entities/billing.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';

/** So many months before this one are told of. */
const monthsTold = 12;

/** Months that are over do not change any more: each is counted once in this process. */
const counted = new WeakMap<Ports, Map<string, ServiceMonth>>();

/** The availability that the tenant's plan promises, and that of this month until now and of the twelve before. */
export async function readServiceLevel(scope: TenantScope) {
  const { tenant, now, ports } = scope;
  const promisedPercent = termsOf(tenant.plan, tenant.planVersion).slaPercent;
  const known = counted.get(ports) ?? new Map<string, ServiceMonth>();
  counted.set(ports, known);
  const months: ServiceMonth[] = [];
  for (let before = monthsTold; before >= 0; before -= 1) {
    const start = monthsBefore(now, before);
    const name = start.toISOString().slice(0, 7);
    const month = known.get(name) ?? (await countMonth(scope, start));
    if (before > 0) known.set(name, month);
    if (month.minutes > 0) months.push(month);
  }
  return { promisedPercent, months: months.map((month) => availabilityOf(month, promisedPercent)) };
}

/** Deletes the minutes of months that are told of no more. */
export async function deleteOldMinutes({ em, now }: ControlScope): Promise<void> {
  await em.nativeDelete(ServiceMinute, { minute: { $lt: monthsBefore(now, monthsTold + 1) } });
}

type Counted = { minutes: number; up: number; failed: number; requests: string; errors: string };

/** Counts a month's minutes, those that are over: the one at hand may still get its heartbeat. */
async function countMonth({ em, now }: TenantScope, start: Date): Promise<ServiceMonth> {
  const end = monthsBefore(start, -1);
  const [row] = await em.execute<Counted[]>(
    `with span as (
       select greatest(?::timestamptz, coalesce((select min(minute) from service_minutes), ?::timestamptz)) as first,
         least(?::timestamptz, date_trunc('minute', ?::timestamptz)) as last
     )
     select greatest(0, extract(epoch from (select last - first from span)) / 60)::int as minutes,
       count(*) filter (where beats > 0)::int as up,
       coalesce(sum(server_errors::float8 / nullif(requests, 0)) filter (where beats > 0), 0) as failed,
       coalesce(sum(requests), 0) as requests, coalesce(sum(server_errors), 0) as errors
     from service_minutes where minute >= (select first from span) and minute < (select last from span)`,
    [start, now, end, now],
  );
  const { minutes = 0, up = 0, failed = 0, requests = '0', errors = '0' } = row ?? {};
  return {
    month: start.toISOString().slice(0, 7),
    minutes: minutes ?? 0,
    minutesUp: up,
    minutesFailed: failed,
    requests: Number(requests),
    serverErrors: Number(errors),
  };
}
