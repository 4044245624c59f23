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
    await align(billing, { subscription, alignment: alignmentOf({ ...wish, takenBack }, subscription), id });
  } catch (error) {
    if (!isLostTenant(error)) throw error;
  }
}

type Aligning = { subscription: Subscription; alignment: Alignment; id: string };

async function align(billing: BillingGateway, { subscription, alignment, id }: Aligning): Promise<void> {
  const { id: subscriptionId, bought } = subscription;
  const of = { subscriptionId, idempotencyKey: `align:${id}:${Object.values(alignment).join(':')}` };
  if (alignment.do === 'end_now') await billing.cancelNow(of);
  if (alignment.do === 'end_with_period') await billing.cancelAt({ ...of, at: 'period_end' });
  if (alignment.do === 'unschedule') await billing.cancelScheduledChange(of);
  if (alignment.do === 'go_on') await billing.undoCancel(of);
  if (alignment.do === 'change' && bought) {
    const { plan, when } = alignment;
    await billing.changePlan({ ...of, plan, when, version: currentVersion, interval: bought.interval });
  }
}
