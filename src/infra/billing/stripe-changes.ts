import type { Stripe } from 'stripe';
import type { BillingGateway, ChangePreview, PlanOrder } from '../../domain/billing/gateway.ts';
import { BillingRefused } from '../../domain/billing/gateway.ts';
import { currencies } from '../../domain/plans/prices.ts';
import type { StripePrices } from './stripe-prices.ts';
import { idOf, itemOf, momentOf, secondsOf } from './stripe-reading.ts';

type ChangeOrder = Parameters<BillingGateway['changePlan']>[0];

/** What changes of a subscription are made of. */
export type Changing = { stripe: Stripe; prices: StripePrices; now: () => Date };

/** What a change at once would bill. */
export async function previewStripeChange(
  { stripe, prices, now }: Changing,
  order: PlanOrder,
): Promise<ChangePreview> {
  const subscription = await stripe.subscriptions.retrieve(order.subscriptionId);
  const price = await priceFor(prices, order, subscription);
  const at = secondsOf(now());
  const preview = await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: {
      items: [{ id: itemOf(subscription).id, price }],
      proration_behavior: 'always_invoice',
      proration_date: at,
    },
  });
  const { unit_amount: nextAmount } = await stripe.prices.retrieve(price);
  return {
    amountDueNow: preview.amount_due,
    currency: preview.currency,
    prorationLines: preview.lines.data.filter(isProration).map((line) => ({
      description: line.description ?? '',
      amount: line.amount,
      start: momentOf(line.period.start),
      end: momentOf(line.period.end),
    })),
    nextAmount: nextAmount ?? 0,
    at: momentOf(at),
  };
}

/** Changes the plan: at once, when that is paid, or with the next bill. */
export async function changeStripePlan(changing: Changing, order: ChangeOrder): Promise<void> {
  const { stripe, prices } = changing;
  const subscription = await stripe.subscriptions.retrieve(order.subscriptionId);
  const price = await priceFor(prices, order, subscription);
  await releaseSchedule(stripe, subscription, order.idempotencyKey);
  if (order.when === 'period_end') return schedule(stripe, { subscription, price, order });
  await stripe.subscriptions.update(
    subscription.id,
    {
      items: [{ id: itemOf(subscription).id, price }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
      ...(order.prorationAt ? { proration_date: secondsOf(order.prorationAt) } : {}),
    },
    { idempotencyKey: order.idempotencyKey },
  );
}

/** Gives up what is scheduled; the subscription goes on as it is. Harmless where nothing is. */
export async function releaseSchedule(
  stripe: Stripe,
  { schedule: scheduled }: Pick<Stripe.Subscription, 'schedule'>,
  idempotencyKey: string,
): Promise<void> {
  if (!scheduled) return;
  const scheduleId = idOf(scheduled);
  await stripe.subscriptionSchedules.release(
    scheduleId,
    {},
    { idempotencyKey: `${idempotencyKey}:release:${scheduleId}` },
  );
}

type Scheduling = { subscription: Stripe.Subscription; price: string; order: ChangeOrder };

async function schedule(stripe: Stripe, { subscription, price, order }: Scheduling): Promise<void> {
  const { idempotencyKey: key, interval } = order;
  const item = itemOf(subscription);
  const made = await stripe.subscriptionSchedules.create(
    { from_subscription: subscription.id },
    { idempotencyKey: `${key}:schedule` },
  );
  const start = made.current_phase?.start_date ?? item.current_period_start;
  await stripe.subscriptionSchedules.update(
    made.id,
    {
      // After its one interval the subscription goes on by itself, with the new price.
      end_behavior: 'release',
      proration_behavior: 'none',
      phases: [
        {
          items: [{ price: item.price.id, quantity: 1 }],
          start_date: start,
          end_date: item.current_period_end,
          proration_behavior: 'none',
          ...(subscription.status === 'trialing' ? { trial: true } : {}),
        },
        {
          items: [{ price, quantity: 1 }],
          duration: { interval, interval_count: 1 },
          proration_behavior: 'none',
        },
      ],
    },
    { idempotencyKey: `${key}:phases` },
  );
}

async function priceFor(
  prices: StripePrices,
  { plan, version: planVersion, interval }: PlanOrder,
  subscription: Stripe.Subscription,
): Promise<string> {
  const currency = currencies.find((known) => known === subscription.currency);
  if (!currency) throw new BillingRefused(`no plan is sold in ${subscription.currency}`);
  return prices.idOf({ plan, planVersion, interval, currency });
}

function isProration({ parent }: Stripe.InvoiceLineItem): boolean {
  return parent?.subscription_item_details?.proration ?? parent?.invoice_item_details?.proration ?? false;
}
