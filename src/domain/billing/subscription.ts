import type { Plan } from '../plans/catalogue.ts';
import type { Currency, Interval } from '../plans/prices.ts';

/** A bill of the provider. Amounts are in the currency's smallest unit. */
export type Invoice = {
  id: string;
  /** The provider's own word: `draft`, `open`, `paid`, `uncollectible`, `void`. */
  status: string;
  amountDue: number;
  currency: string;
  attemptCount: number;
  /** When the provider tries to collect it again; `null`: not any more, or not by itself. */
  nextAttemptAt: Date | null;
  paidAt: Date | null;
};

/** What is bought: a price of the catalogue. */
export type Bought = { plan: Plan; planVersion: number; interval: Interval; currency: Currency };

/** A change that waits: for its payment, or for the end of the period. */
export type ComingChange = Pick<Bought, 'plan' | 'planVersion' | 'interval'> & {
  /** When it happens; of one that waits for its payment, when it is given up. */
  at: Date;
};

/** A subscription as it was just read at the provider, whose word is what counts. */
export type Subscription = {
  id: string;
  customerId: string;
  /** The provider's own word; one that is not known changes nothing. */
  status: string;
  /** `null`: its price is none of the catalogue's. */
  bought: Bought | null;
  createdAt: Date;
  /** From what the periods are counted. */
  anchorAt: Date;
  currentPeriodStart: Date;
  currentPeriodEnd: Date;
  /** When it ends by itself, if it does. */
  cancelAt: Date | null;
  cancelAtPeriodEnd: boolean;
  /** When it was ended, or its end was asked for. */
  cancelledAt: Date | null;
  trialEnd: Date | null;
  latestInvoice: Invoice | null;
  /** What has been asked for and is not paid yet. */
  pendingUpdate: ComingChange | null;
  /** What happens at the end of the period. */
  scheduled: ComingChange | null;
};

/** Whether a subscription is over, or never began: it grants nothing, and another may take its place. */
export function hasEnded({ status }: Pick<Subscription, 'status'>): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

/** Which of a customer's subscriptions counts: the newest of those that live, else the newest. */
export function chooseSubscription(all: readonly Subscription[]): Subscription | null {
  const newestFirst = all.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const weight = (subscription: Subscription) => {
    if (hasEnded(subscription)) return 0;
    return subscription.status === 'incomplete' ? 1 : 2;
  };
  return newestFirst.toSorted((a, b) => weight(b) - weight(a))[0] ?? null;
}
