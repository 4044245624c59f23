import type { Plan } from '../../domain/plans/catalogue.ts';
import type { ControlScope } from '../../db/scope.ts';
import { inactivityKinds, inactivityNotices, longestNotice } from './inactivity-deadlines.ts';

/** Takes back, of every tenant of a plan, when it is warned and suspended because nobody uses it. */
export async function clearInactivityOfPlan({ em }: ControlScope, plan: Plan): Promise<void> {
  await em.execute(
    `delete from deadlines d using tenants t
     where t.id = d.tenant_id and t.plan = ? and d.kind in (?)`,
    [plan, [...inactivityKinds]],
  );
}

/**
 * Sets the same for every active or trial tenant of a plan that has none, in one statement over however many: as
 * `resetInactivity` does it for one.
 */
export async function setInactivityOfPlan(
  { em, now }: ControlScope,
  plan: Plan,
  inactivityDays: number,
): Promise<void> {
  const hours = { idle: inactivityDays * 24, warned: Math.min(inactivityDays, longestNotice) * 24 };
  const kinds = Object.entries({ inactivity_suspension: 0, ...inactivityNotices });
  await em.execute(
    `with idle as (
       select t.id, t.clock_offset_seconds * interval '1 second' as ahead,
         greatest(
           coalesce(a.last_active_at, t.went_live_at, t.created_at) + make_interval(hours => ?),
           ?::timestamptz + t.clock_offset_seconds * interval '1 second' + make_interval(hours => ?)
         ) as suspends_at
       from tenants t left join tenant_activity a on a.tenant_id = t.id
       where t.plan = ? and t.status in ('active', 'trial') and not exists (
         select from deadlines d where d.tenant_id = t.id and d.kind = 'inactivity_suspension')
     ), kinds (kind, days_before) as (
       values ${kinds.map(() => '(?, ?::int)').join(', ')}
     )
     insert into deadlines (tenant_id, kind, subject, due_at, fires_at)
     select id, kind, '', suspends_at - make_interval(hours => days_before * 24),
       suspends_at - make_interval(hours => days_before * 24) - ahead
     from idle, kinds
     where suspends_at - make_interval(hours => days_before * 24) - ahead >= ?
     on conflict do nothing`,
    [hours.idle, now, hours.warned, plan, ...kinds.flat(), now],
  );
}
