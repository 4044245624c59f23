import type { Plan } from '../plans/catalogue.ts';
import type { Currency, Interval } from '../plans/prices.ts';
import type { ProviderEvent } from './events.ts';
import type { Subscription } from './subscription.ts';

/** The provider could not be asked, or would not answer now: worth another try. */
export class BillingUnavailable extends Error {
  override readonly name = 'BillingUnavailable';
}

/** The provider was asked, and refuses: another try would fare no better. */
export class BillingRefused extends Error {
  override readonly name = 'BillingRefused';
}

/** An event that was not signed by the provider, or too long ago, or is none. */
export class BillingSignatureError extends Error {
  override readonly name = 'BillingSignatureError';
}

/** Every write has one: the same key does the same thing once, however often it is sent. */
type Once = { idempotencyKey: string };

export type NewCheckout = Once & {
  customerId: string;
  plan: Plan;
  version: number;
  interval: Interval;
  currency: Currency;
  successUrl: string;
  cancelUrl: string;
  /** Paid from then on; it must be more than two days ahead. */
  trialEnd?: Date;
};

export type PlanOrder = { subscriptionId: string; plan: Plan; version: number; interval: Interval };

export type ProrationLine = { description: string; amount: number; start: Date; end: Date };

/** What a change would cost, in the currency's smallest unit. */
export type ChangePreview = {
  /** What is billed at once; what is credited is negative, and kept for later bills. */
  amountDueNow: number;
  currency: string;
  prorationLines: readonly ProrationLine[];
  /** What a whole interval costs from then on. */
  nextAmount: number;
  /** The moment it was computed for: handed to `changePlan`, the same is billed. */
  at: Date;
};

/** What there is of a customer at the provider. */
export type CustomerStanding = {
  /** Whether it was deleted there. */
  deleted: boolean;
  subscription: Subscription | null;
  /** Other subscriptions that live beside it, and should not. */
  strays: readonly string[];
};

/**
 * A payment provider, in this product's words. It is asked before or after a transaction, never inside one. Everything
 * throws `BillingUnavailable` where another try may help, and `BillingRefused` where it would not.
 */
export type BillingGateway = {
  /** The customer of a tenant: found, or made. */
  ensureCustomer(customer: Once & { tenantId: string; name: string; email: string }): Promise<string>;
  /** A page where the plan is paid; those opened before are closed. */
  createCheckout(checkout: NewCheckout): Promise<string>;
  /** A page of the provider where cards, bills and the end of the subscription are seen to. */
  portalUrl(of: Once & { customerId: string; returnUrl: string }): Promise<string>;
  getSubscription(subscriptionId: string): Promise<Subscription | null>;
  /** The subscription of a customer that counts. */
  findSubscription(customerId: string): Promise<Subscription | null>;
  readCustomer(customerId: string): Promise<CustomerStanding>;
  previewChange(order: PlanOrder): Promise<ChangePreview>;
  /**
   * `now`: prorated and billed at once, and in effect only when that is paid (see `pendingUpdate`). `period_end`: in
   * effect with the next bill. Either replaces what was scheduled before.
   */
  changePlan(
    order: PlanOrder & Once & { when: 'now' | 'period_end'; prorationAt?: Date },
  ): Promise<Subscription>;
  /** Harmless where nothing is scheduled. */
  cancelScheduledChange(of: Once & { subscriptionId: string }): Promise<Subscription>;
  /** Ends it at a moment, or with its period, without credit; a scheduled change is given up. */
  cancelAt(of: Once & { subscriptionId: string; at: Date | 'period_end' }): Promise<Subscription>;
  /** Takes back an end that is to come. Harmless where there is none. */
  undoCancel(of: Once & { subscriptionId: string }): Promise<Subscription>;
  /** Ends it at once, without credit. Harmless where it has ended. */
  cancelNow(of: Once & { subscriptionId: string }): Promise<Subscription>;
  /** The events of the types that are looked at, since a moment, oldest first. */
  listEventsSince(since: Date): Promise<readonly ProviderEvent[]>;
  /** Whose payment a dispute is about. */
  findDisputedCustomer(disputeId: string): Promise<string | null>;
  /** Reads an event that was sent here; throws `BillingSignatureError` where it is not the provider's. */
  readEvent(rawBody: Uint8Array, signature: string): ProviderEvent;
};
