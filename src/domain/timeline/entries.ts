import type { Actor } from '../actors.ts';

/** For whom something is told: operators see all, a tenant's own people neither internal notes nor operators' names. */
export type Audience = 'operators' | 'admins' | 'members';

/** For whom an actor reads. */
export function audienceOf(actor: Actor): Audience {
  if (actor.kind !== 'user') return 'operators';
  return actor.role === 'member' ? 'members' : 'admins';
}

/** Who did something, as far as the reader may know. */
export type By = { kind: string; id: string | null; name: string | null };

/** One thing that happened to a tenant, is so now, or will happen by itself. */
export type TimelineEntry = {
  /** In the tenant's own time. */
  at: string;
  when: 'past' | 'now' | 'future';
  kind: string;
  /** A sentence a person can read. */
  title: string;
  by: By | null;
  facts: Record<string, unknown>;
};

/** Facts that a tenant's own people may see: neither notes nor what concerns operators. */
const plainFacts = new Set([
  'trigger',
  'step',
  'mode',
  'from',
  'to',
  'by',
  'plan',
  'startsAt',
  'endsAt',
  'effectiveAt',
  'purgeDueAt',
  'promisedUntil',
  'resolution',
  'causesLeft',
  'daysLeft',
  'since',
]);

/** The facts of an event, as far as the reader may know them. */
export function factsFor(audience: Audience, facts: Record<string, unknown>): Record<string, unknown> {
  if (audience === 'operators') return facts;
  return Object.fromEntries(Object.entries(facts).filter(([name]) => plainFacts.has(name)));
}
