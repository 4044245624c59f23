import { readWish } from '../actions/billing/billing-wish.ts';
import { type Alignment, alignmentOf } from '../domain/billing/alignment.ts';
import type { BillingGateway } from '../domain/billing/gateway.ts';
import { hasEnded, type Subscription } from '../domain/billing/subscription.ts';
import { currentVersion } from '../domain/plans/catalogue.ts';
import type { JobPayloads } from '../domain/jobs.ts';
import type { BillingParts } from './billing-events.ts';
import { entryOfJob } from './entry.ts';
import { isLostTenant } from './lost-tenant.ts';

type Job = { id: string; data: JobPayloads['billing.align'] };

/** Has the provider bill what was decided here. What it says then comes back as its events do. */
export async function alignBilling({ db }: Pick<BillingParts, 'db'>, { id, data }: Job): Promise<void> {
  const { billing } = db.ports;
  if (!billing) return;
  const { tenantId, takenBack } = data;
  try {
    const wish = await db.inTenant({ ...entryOfJob(id), tenantId }, readWish);
    const subscription = wish && (await billing.getSubscription(wish.subscriptionId));
    if (!wish || !subscription || hasEnded(subscription)) return;
    const { now } = entryOfJob(id);
    const alignment = alignmentOf({ ...wish, takenBack }, subscription, now);
    const after = await align(billing, { subscription, alignment, id });
    // What was to end goes on; what begins with the next period is decided anew.
    if (alignment.do === 'go_on' && after) {
      const next = alignmentOf({ ...wish, takenBack: false }, after, now);
      await align(billing, { subscription: after, alignment: next, id });
    }
  } catch (error) {
    if (!isLostTenant(error)) throw error;
  }
}

type Aligning = { subscription: Subscription; alignment: Alignment; id: string };

async function align(
  billing: BillingGateway,
  { subscription, alignment, id }: Aligning,
): Promise<Subscription | null> {
  const { id: subscriptionId, bought } = subscription;
  const of = { subscriptionId, idempotencyKey: `align:${id}:${Object.values(alignment).join(':')}` };
  if (alignment.do === 'end_now') return billing.cancelNow(of);
  if (alignment.do === 'end_at') return billing.cancelAt({ ...of, at: alignment.at });
  if (alignment.do === 'end_with_period') return billing.cancelAt({ ...of, at: 'period_end' });
  if (alignment.do === 'unschedule') return billing.cancelScheduledChange(of);
  if (alignment.do === 'go_on') return billing.undoCancel(of);
  if (alignment.do === 'change' && bought) {
    const { plan, when } = alignment;
    return billing.changePlan({ ...of, plan, when, version: currentVersion, interval: bought.interval });
  }
  return null;
}
