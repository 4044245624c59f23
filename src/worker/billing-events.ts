import { applySubscription, type Reading } from '../actions/billing/apply-subscription.ts';
import {
  claimEvents,
  type ClaimedEvent,
  findTenantOf,
  noteFailure,
  settleEvent,
} from '../actions/billing/billing-inbox.ts';
import { noteDispute, noteRefund } from '../actions/billing/billing-review.ts';
import { type Database, enterUnlessGone, type TenantScope } from '../db/scope.ts';
import { type BillingGateway, BillingUnavailable } from '../domain/billing/gateway.ts';
import type { Log } from '../infra/log.ts';
import type { Metrics } from '../infra/metrics.ts';
import { entryOfJob } from './entry.ts';
import { type Rounds, startRounds } from './rounds.ts';

export type BillingParts = { db: Database; log: Log; metrics: Pick<Metrics, 'countBilling'> };

const pollMilliseconds = 1000;
const eventsAtOnce = 50;

/** Looks once a second for events of the payment provider that came in. Without one there are no rounds. */
export function startBilling(parts: BillingParts): Rounds {
  if (!parts.db.ports.billing) return { stop: async () => undefined };
  return startRounds(() => processEvents(parts), {
    pauseMilliseconds: pollMilliseconds,
    onFailure: (error) => parts.log.error({ err: error }, 'events of billing could not be looked for'),
  });
}

/** Processes events until none is due any more. */
export async function processEvents(parts: BillingParts): Promise<void> {
  const { billing } = parts.db.ports;
  if (!billing) return;
  for (;;) {
    const { events, at } = await parts.db.asControlPlane(entryOfJob('billing'), (scope) =>
      claimEvents(scope, eventsAtOnce),
    );
    if (events.length === 0) return;
    // Disputes name no customer: each is asked for by itself.
    const groups = Map.groupBy(events, ({ id, customerId }) => customerId ?? id);
    const processing = [...groups.values()].map((group) =>
      processGroup(parts, { billing, events: group, at }),
    );
    await Promise.all(processing);
  }
}

/** Events about one customer: it is looked at once for all of them. */
type Group = { billing: BillingGateway; events: readonly ClaimedEvent[]; at: Date };

async function processGroup(parts: BillingParts, group: Group): Promise<void> {
  try {
    const became = await settle(parts, group);
    parts.metrics.countBilling(became, group.events.length);
  } catch (error) {
    for (const event of group.events) await fail(parts, event, error);
  }
}

/** Looks at what events are about, and then does in one transaction what follows from them. */
async function settle(parts: BillingParts, { billing, events, at }: Group): Promise<'processed' | 'ignored'> {
  const { db } = parts;
  const entry = entryOfJob(`billing:${events[0]?.id ?? ''}`);
  const customerId = await customerOf(billing, events);
  const tenantId = customerId && (await db.asControlPlane(entry, (scope) => findTenantOf(scope, customerId)));
  if (!customerId || !tenantId) {
    await db.asControlPlane(entry, async (scope) => {
      for (const event of events) await settleEvent(scope, event, 'ignored');
    });
    return 'ignored';
  }
  const reading = { ...(await billing.readCustomer(customerId)), customerId, readAt: at };
  const questions = await db.asControlPlane(entry, async (scope) => {
    const ours: ClaimedEvent[] = [];
    for (const event of events) if (await settleEvent(scope, event, 'processed')) ours.push(event);
    if (ours.length === 0) return [];
    const applied = await enterUnlessGone(scope, tenantId, (tenant) =>
      bringAbout(tenant, { events: ours, reading }),
    );
    return applied?.questions ?? [];
  });
  tellQuestions(parts, tenantId, questions);
  return 'processed';
}

async function customerOf(billing: BillingGateway, [event]: readonly ClaimedEvent[]): Promise<string | null> {
  if (!event || event.customerId !== null) return event?.customerId ?? null;
  const isDispute = event.type.startsWith('charge.dispute.');
  return isDispute && event.objectId !== null ? billing.findDisputedCustomer(event.objectId) : null;
}

async function bringAbout(
  scope: TenantScope,
  { events, reading }: { events: readonly ClaimedEvent[]; reading: Reading },
) {
  for (const { type, objectId } of events) {
    if (type === 'charge.refunded') await noteRefund(scope, objectId);
    if (type === 'charge.dispute.created') await noteDispute(scope, objectId);
  }
  return applySubscription(scope, reading);
}

async function fail({ db, log, metrics }: BillingParts, event: ClaimedEvent, error: unknown): Promise<void> {
  const passes = error instanceof BillingUnavailable;
  const text = error instanceof Error ? error.message : String(error);
  const isFinal = await db.asControlPlane(entryOfJob(`billing:${event.id}`), (scope) =>
    noteFailure(scope, event, { text, passes }),
  );
  metrics.countBilling(passes ? 'unavailable' : 'failed');
  const facts = { err: error, event: event.id, type: event.type };
  if (isFinal) log.error(facts, 'an event of billing has failed and waits for a person');
  else log.warn(facts, 'an event of billing is tried again');
}

/** Counts and logs what people have to look at. */
export function tellQuestions(
  { log, metrics }: Pick<BillingParts, 'log' | 'metrics'>,
  tenantId: string,
  questions: readonly string[],
): void {
  for (const question of questions) {
    metrics.countBilling('questioned');
    log.warn({ tenantId, question }, 'billing has to look at a customer');
  }
}
