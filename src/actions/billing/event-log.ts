import { z } from 'zod';
import { pageInput } from '../../domain/pages.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { BillingEvent, billingEventStates } from '../../db/entities/billing.ts';
import type { ControlScope } from '../../db/scope.ts';

export const listEventsInput = pageInput.extend({ state: z.enum(billingEventStates).optional() });
export const retryEventInput = z.object({ eventId: z.string().min(1).max(255) });

const place = z.tuple([z.iso.datetime(), z.string()]);

/** The payment provider's events, newest first. */
export async function listEvents({ em, actor }: ControlScope, input: z.infer<typeof listEventsInput>) {
  requirePermission(actor, 'billing_event.read');
  const { state, limit, cursor } = input;
  const found = await em.find(
    BillingEvent,
    { ...(state ? { state } : {}), ...(cursor === undefined ? {} : behind(cursor)) },
    { orderBy: { receivedAt: 'desc', id: 'desc' }, limit: limit + 1 },
  );
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(describeEvent), nextCursor: last ? cursorOf(last) : null };
}

/** Has an event looked at again that has failed: what it is about is read anew. */
export async function retryEvent(scope: ControlScope, { eventId }: z.infer<typeof retryEventInput>) {
  const { em, actor, now } = scope;
  requirePermission(actor, 'billing_event.retry');
  const event = await em.findOne(BillingEvent, { id: eventId });
  if (!event) throw new Refusal('NOT_FOUND', 'no such event');
  if (event.state !== 'failed') throw new Refusal('CONFLICT', `cannot retry an event that is ${event.state}`);
  Object.assign(event, { state: 'received', settledAt: null, attempts: 0, nextAttemptAt: now });
  await record(scope, 'billing_event.retried', { target: { kind: 'billing_event', id: eventId } });
  await em.flush();
  return describeEvent(event);
}

function describeEvent(event: BillingEvent) {
  return {
    id: event.id,
    type: event.type,
    customerId: event.customerId ?? null,
    subscriptionId: event.subscriptionId ?? null,
    objectId: event.objectId ?? null,
    createdAt: event.createdAt.toISOString(),
    receivedAt: event.receivedAt.toISOString(),
    via: event.via,
    state: event.state,
    attempts: event.attempts,
    nextAttemptAt: event.nextAttemptAt?.toISOString() ?? null,
    error: event.error ?? null,
  };
}

function behind(cursor: string) {
  const parsed = place.safeParse(Buffer.from(cursor, 'base64url').toString().split(' '));
  if (!parsed.success) throw new Refusal('INVALID_INPUT', 'cursor: not one that a list has given');
  const [received, id] = parsed.data;
  const receivedAt = new Date(received);
  return { $or: [{ receivedAt: { $lt: receivedAt } }, { receivedAt, id: { $lt: id } }] };
}

function cursorOf({ receivedAt, id }: BillingEvent): string {
  return Buffer.from(`${receivedAt.toISOString()} ${id}`).toString('base64url');
}
