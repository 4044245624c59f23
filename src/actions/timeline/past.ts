import { type Audience, audienceOf, factsFor, type TimelineEntry } from '../../domain/timeline/entries.ts';
import { titleOfEvent, toldActions } from '../../domain/timeline/past.ts';
import { AuditEvent } from '../../db/entities/audit.ts';
import { CustomerNote } from '../../db/entities/customer.ts';
import { Notification } from '../../db/entities/notification.ts';
import type { TenantScope } from '../../db/scope.ts';
import { nameActors, type StoredActor } from './actor-names.ts';

/** What happened to a tenant, the newest `limit` of it, oldest first: lifecycle events, mails, operators' notes. */
export async function readPast(
  scope: TenantScope,
  limit: number,
): Promise<{ entries: TimelineEntry[]; olderLeft: boolean }> {
  const audience = audienceOf(scope.actor);
  const found = [
    ...(await readEvents(scope, audience, limit + 1)),
    ...(await readMails(scope, audience, limit + 1)),
    ...(audience === 'operators' ? await readNotes(scope, limit + 1) : []),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const by = await nameActors(
    scope,
    found.flatMap(({ actor }) => (actor ? [actor] : [])),
  );
  const entries = found
    .slice(-limit)
    .map(({ actor, ...entry }): TimelineEntry => ({ ...entry, when: 'past', by: actor && by(actor) }));
  return { entries, olderLeft: found.length > limit };
}

type Happened = Omit<TimelineEntry, 'by' | 'when'> & { actor: StoredActor | null };

async function readEvents(scope: TenantScope, audience: Audience, limit: number): Promise<Happened[]> {
  const { em, tenant } = scope;
  const where = { tenantId: tenant.id, action: { $in: toldActions(audience) } };
  const events = await em.find(AuditEvent, where, { orderBy: { id: 'desc' }, limit });
  return events.toReversed().map(({ at, action, actorKind, actorId, targetKind, targetId, details }) => {
    const { tenantTime, ...rest } = details;
    const facts = targetKind === 'onboarding_step' ? { ...rest, step: targetId } : rest;
    return {
      at: typeof tenantTime === 'string' ? tenantTime : at.toISOString(),
      kind: action,
      title: titleOfEvent(action, facts),
      actor: { kind: actorKind, id: actorId },
      facts: factsFor(audience, facts),
    };
  });
}

/** One entry for each thing that was told, whoever it was told to. */
async function readMails({ em, tenant }: TenantScope, audience: Audience, limit: number) {
  const told = await em.find(
    Notification,
    {
      tenantId: tenant.id,
      ...(audience === 'operators' ? {} : { recipientKind: { $ne: 'operator' as const } }),
    },
    { orderBy: { id: 'desc' }, limit },
  );
  const occurrences = Map.groupBy(told.toReversed(), (one) =>
    [one.mail, one.occurrence, one.recipientKind === 'operator'].join(' '),
  );
  return [...occurrences.values()].flatMap(describeTelling);
}

function describeTelling(mails: readonly Notification[]): Happened[] {
  const [first] = mails;
  if (!first) return [];
  const subject = mails.find((mail) => mail.subject !== null)?.subject ?? null;
  const among = first.recipientKind === 'operator' ? 'operators' : 'the tenant’s people';
  const to = mails.map(({ address }) => address).filter((address) => address !== null);
  return [
    {
      at: first.promisedAt.toISOString(),
      kind: 'mail',
      title: `mail to ${mails.length} of ${among}: ${subject ?? first.mail.replaceAll('_', ' ')}`,
      actor: null,
      facts: { mail: first.mail, subject, recipients: mails.length, to },
    },
  ];
}

/** What operators wrote down; what the system appended to the record is told by its events. */
async function readNotes({ em, tenant }: TenantScope, limit: number): Promise<Happened[]> {
  const where = { tenantId: tenant.id, action: null };
  const notes = await em.find(CustomerNote, where, { orderBy: { id: 'desc' }, limit });
  return notes.toReversed().map(({ at, text, byKind, byId }) => ({
    at: at.toISOString(),
    kind: 'note',
    title: text,
    actor: { kind: byKind, id: byId },
    facts: {},
  }));
}
