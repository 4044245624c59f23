import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { Refusal } from '../../domain/refusal.ts';
import { audienceOf, type TimelineEntry } from '../../domain/timeline/entries.ts';
import { titleOfDeadline } from '../../domain/timeline/future.ts';
import { entriesOfStep } from '../../domain/timeline/rehearsed.ts';
import { stepAhead, countTenantRows, undo } from '../../db/preview/rehearsal-steps.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';
import { fireDeadline } from '../lifecycle/due-deadlines.ts';
import { describePreview, readBasis } from '../lifecycle/preview.ts';
import type { MailPlaces } from '../notifications/written-mail.ts';
import { countLeavers } from '../purge/purge-people.ts';

const longestDays = 3660;

/**
 * What will happen to a tenant by itself until a moment of its own time, if nobody does anything: each deadline is
 * fired in its order and at its moment, as the sweep fires it, and all of it is undone.
 */
export function rehearse(scope: TenantScope, until: Date, places: MailPlaces): Promise<TimelineEntry[]> {
  const { tenantNow } = scope;
  if (until <= tenantNow || until > daysAfter(tenantNow, longestDays)) {
    throw new Refusal('INVALID_INPUT', 'until: must be in the future, and no more than ten years ahead');
  }
  return undo(scope, async () => {
    const entries: TimelineEntry[] = [];
    for (;;) {
      const step = await rehearseNext(scope, until, places);
      if (!step) return entries;
      entries.push(...step);
    }
  });
}

async function rehearseNext(
  scope: TenantScope,
  until: Date,
  places: MailPlaces,
): Promise<TimelineEntry[] | null> {
  const audience = audienceOf(scope.actor);
  const next = await stepAhead(scope, until);
  if (!next) return null;
  const { due, scope: ahead } = next;
  const before = await readBasis(ahead);
  await fireDeadline(ahead, due);
  await ahead.em.flush();
  const told = await describePreview({ ...ahead, actor: scope.actor }, before, ahead.watch, places);
  const title = titleOfDeadline(due.kind, audience);
  if (title === null) return [];
  const rows = ahead.tenant.purgeClaimedAt ? await countDeletion(ahead) : null;
  return entriesOfStep({ ...told, at: ahead.tenantNow.toISOString(), kind: due.kind, title, rows }, audience);
}

/** What the purge that was claimed would delete: the tenant's rows, and those of people who are in no other. */
async function countDeletion(ahead: TenantScope): Promise<Record<string, number>> {
  const rows = await countTenantRows(ahead);
  const leavers = await atControlPlane(ahead, (control) => countLeavers(control, ahead.tenant.id));
  return { ...rows, ...leavers, notifications: leavers.notifications + (rows['notifications'] ?? 0) };
}
