import { isBillingEventType, type ProviderEvent } from '../../domain/billing/events.ts';
import { BillingAccount, BillingCursor } from '../../db/entities/billing.ts';
import type { ControlScope } from '../../db/scope.ts';

/** An event that one worker has to itself until its lease runs out. */
export type ClaimedEvent = {
  id: string;
  type: string;
  customerId: string | null;
  subscriptionId: string | null;
  objectId: string | null;
  attempts: number;
};

/** What has been claimed, and when, by the database's own clock: what is read after it is at least as new. */
export type Claim = { events: ClaimedEvent[]; at: Date };

const leaseSeconds = 60;
/** How often an event may fail before a person has to look at it. */
const mostAttempts = 8;
const longestPauseSeconds = 900;

/**
 * Stores an event, once. One that is not looked at is settled at once. Tells whether it was new.
 */
export async function storeEvent(
  { em, now }: ControlScope,
  event: ProviderEvent,
  via: 'webhook' | 'reconciler',
): Promise<boolean> {
  const { id, type, customerId, subscriptionId, objectId, createdAt } = event;
  const isLookedAt = isBillingEventType(type);
  const [state, next, settled] = isLookedAt ? ['received', now, null] : ['ignored', null, now];
  const stored = await em.execute<unknown[]>(
    `insert into billing_events (id, type, customer_id, subscription_id, object_id, created_at, received_at, via,
       state, attempts, next_attempt_at, settled_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) on conflict (id) do nothing returning id`,
    [id, type, customerId, subscriptionId, objectId, createdAt, now, via, state, next, settled],
  );
  return stored.length > 0;
}

/** Claims events that are due, the oldest first. Two workers never claim the same; a dead one's claim runs out. */
export async function claimEvents({ em, now }: ControlScope, limit: number): Promise<Claim> {
  const until = new Date(now.getTime() + leaseSeconds * 1000);
  const events = await em.execute<ClaimedEvent[]>(
    `with due as (
       select id from billing_events where state = 'received' and next_attempt_at <= ?
       order by received_at, created_at limit ? for update skip locked
     )
     update billing_events e set attempts = e.attempts + 1, next_attempt_at = ? from due where e.id = due.id
     returning e.id, e.type, e.customer_id as "customerId", e.subscription_id as "subscriptionId",
       e.object_id as "objectId", e.attempts`,
    [now, limit, until],
  );
  return { events, at: await readClock({ em }) };
}

/** The database's own time: what is read at the provider is dated by one clock, whichever worker reads it. */
export async function readClock({ em }: Pick<ControlScope, 'em'>): Promise<Date> {
  const [clock] = await em.execute<{ at: string }[]>('select clock_timestamp()::text as at');
  return new Date(clock?.at ?? 0);
}

/** The tenant whose customer this is; `null`: none of ours. */
export async function findTenantOf({ em }: ControlScope, customerId: string): Promise<string | null> {
  const account = await em.findOne(BillingAccount, { customerId });
  return account?.tenantId ?? null;
}

/**
 * Settles a claimed event in the transaction of what it brought about: both are there, or neither. `false`: it is
 * settled already, or another worker has it, and nothing may be done for it here.
 */
export async function settleEvent(
  { em, now }: ControlScope,
  { id, attempts }: ClaimedEvent,
  state: 'processed' | 'ignored',
): Promise<boolean> {
  const settled = await em.execute<unknown[]>(
    `update billing_events set state = ?, settled_at = ?, next_attempt_at = null, error = null
     where id = ? and state = 'received' and attempts = ? returning id`,
    [state, now, id, attempts],
  );
  return settled.length > 0;
}

/** Notes that a claimed event failed: it is tried again, or waits for a person. Tells whether it has failed for good. */
export async function noteFailure(
  { em, now }: ControlScope,
  { id, attempts }: ClaimedEvent,
  failure: { text: string; passes: boolean },
): Promise<boolean> {
  const isFinal = !failure.passes && attempts >= mostAttempts;
  const pause = Math.min(2 ** attempts, longestPauseSeconds);
  const next = isFinal ? null : new Date(now.getTime() + pause * 1000);
  await em.execute(
    `update billing_events set state = ?, settled_at = ?, next_attempt_at = ?, error = ?
     where id = ? and state = 'received' and attempts = ?`,
    [isFinal ? 'failed' : 'received', isFinal ? now : null, next, failure.text.slice(0, 500), id, attempts],
  );
  return isFinal;
}

const cursorName = 'events';

/** Until when the provider's events have been read; `null` before the first time. */
export async function readCursor({ em }: ControlScope): Promise<Date | null> {
  const found = await em.findOne(BillingCursor, { name: cursorName });
  return found?.cursor ? new Date(found.cursor) : null;
}

/** Stores what was listed and how far it reached, in one transaction; tells what the webhook had missed. */
export async function storeListed(scope: ControlScope, events: readonly ProviderEvent[]): Promise<number> {
  let missed = 0;
  for (const event of events) if (await storeEvent(scope, event, 'reconciler')) missed += 1;
  const newest = events.at(-1)?.createdAt ?? null;
  if (newest) {
    const cursor = newest.toISOString();
    await scope.em.upsert(BillingCursor, { name: cursorName, cursor, readAt: scope.now });
  }
  return missed;
}
