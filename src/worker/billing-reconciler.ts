import { applySubscription } from '../actions/billing/apply-subscription.ts';
import { type Customer, listCustomers } from '../actions/billing/billing-customers.ts';
import { noteDrift } from '../actions/billing/billing-drift.ts';
import { readClock, readCursor, storeListed } from '../actions/billing/billing-inbox.ts';
import type { BillingGateway } from '../domain/billing/gateway.ts';
import { type BillingParts, tellQuestions } from './billing-events.ts';
import { entryOfJob } from './entry.ts';
import { isLostTenant } from './lost-tenant.ts';

/** The provider shows an event a little after it happened: this much is listed again. */
const overlapMilliseconds = 60 * 60_000;
/** What is looked for the first time. */
const firstLookMilliseconds = 3 * 24 * 60 * 60_000;
const accountsAtOnce = 100;

/** Lists the provider's events since the last time, and stores what the webhook has missed; the rounds process it. */
export async function reconcileBilling(
  { db, log, metrics }: BillingParts,
  { id }: { id: string },
): Promise<void> {
  const { billing } = db.ports;
  if (!billing) return;
  const entry = entryOfJob(id);
  const cursor = await db.asControlPlane(entry, readCursor);
  const since = cursor
    ? new Date(cursor.getTime() - overlapMilliseconds)
    : new Date(entry.now.getTime() - firstLookMilliseconds);
  const events = await billing.listEventsSince(since);
  const missed = await db.asControlPlane(entry, (scope) => storeListed(scope, events));
  if (missed === 0) return;
  metrics.countBilling('missed', missed);
  log.warn({ missed }, 'the webhook had missed events of billing');
}

/** Compares every account with the provider, and puts right what differs. */
export async function compareBilling(parts: BillingParts, { id }: { id: string }): Promise<void> {
  const { db, log } = parts;
  if (!db.ports.billing) return;
  let after: string | null = null;
  do {
    const last: string | null = after;
    const accounts: Customer[] = await db.asControlPlane(entryOfJob(id), (scope) =>
      listCustomers(scope, last, accountsAtOnce),
    );
    for (const account of accounts) {
      try {
        await compareOne(parts, db.ports.billing, { ...account, job: id });
      } catch (error) {
        if (isLostTenant(error)) continue;
        log.error({ err: error, tenantId: account.tenantId }, 'an account could not be compared');
      }
    }
    after = accounts.length < accountsAtOnce ? null : (accounts.at(-1)?.tenantId ?? null);
  } while (after !== null);
}

type Comparing = { tenantId: string; customerId: string; job: string };

async function compareOne(
  { db, log, metrics }: BillingParts,
  billing: BillingGateway,
  { tenantId, customerId, job }: Comparing,
): Promise<void> {
  const entry = entryOfJob(job);
  const readAt = await db.asControlPlane(entry, readClock);
  const reading = { ...(await billing.readCustomer(customerId)), customerId, readAt };
  const applied = await db.inTenant({ ...entry, tenantId }, async (scope) => {
    const result = await applySubscription(scope, reading, { repair: true });
    if (result.became === 'changed') await noteDrift(scope);
    return result;
  });
  tellQuestions({ log, metrics }, tenantId, applied.questions);
  if (applied.became !== 'changed') return;
  metrics.countBilling('drifted');
  log.warn({ tenantId }, 'an account differed from the payment provider, and was put right');
}
