import { z } from 'zod';
import { authorize } from '../../domain/permissions.ts';
import { audienceOf, type TimelineEntry } from '../../domain/timeline/entries.ts';
import { titleOfDeadline } from '../../domain/timeline/future.ts';
import { Deadline } from '../../db/entities/control.ts';
import type { TenantScope } from '../../db/scope.ts';
import type { MailPlaces } from '../notifications/written-mail.ts';
import { readPast } from './past.ts';
import { rehearse } from './rehearsal.ts';
import { readStanding } from './standing.ts';

export const timelineInput = z.object({
  /** Until when what is to come is rehearsed, in the tenant's own time; without it the deadlines that stand are told. */
  until: z.iso.datetime({ offset: true }).optional(),
  /** How many entries of the past, the newest. */
  limit: z.int().min(1).max(1000).default(200),
});

/**
 * A tenant's past, present and future in one list, oldest first, in its own time. With `until` the future is
 * rehearsed: every mail, change and deletion that will come by itself, and nothing of it happens.
 */
export async function getTimeline(
  scope: TenantScope,
  { until, limit }: z.infer<typeof timelineInput>,
  places: MailPlaces,
) {
  authorize(scope.actor, scope.tenant, 'tenant.timeline');
  const past = await readPast(scope, limit);
  const { why, ...facts } = await readStanding(scope);
  const { status, plan } = scope.tenant;
  const present: TimelineEntry = {
    at: scope.tenantNow.toISOString(),
    when: 'now',
    kind: 'state',
    title: why,
    by: null,
    facts: { status, plan, ...facts },
  };
  const future = until ? await rehearse(scope, new Date(until), places) : await readDeadlines(scope);
  return {
    tenantId: scope.tenant.id,
    now: present.at,
    entries: [...past.entries, present, ...future],
    /** There is an older past than is told here. */
    olderLeft: past.olderLeft,
  };
}

/** What is to come, as the deadlines have it now. */
async function readDeadlines({ em, actor, tenant }: TenantScope): Promise<TimelineEntry[]> {
  const coming = await em.find(Deadline, { tenantId: tenant.id }, { orderBy: { dueAt: 'asc', kind: 'asc' } });
  return coming.flatMap(({ kind, subject, dueAt }) => {
    const title = titleOfDeadline(kind, audienceOf(actor));
    if (title === null) return [];
    const facts = { deadline: kind, subject: subject || null };
    return [{ at: dueAt.toISOString(), when: 'future' as const, kind: 'deadline', title, by: null, facts }];
  });
}
