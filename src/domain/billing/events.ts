/** The provider's events that are looked at; every other changes nothing. */
export const billingEventTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'customer.deleted',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.marked_uncollectible',
  'invoice.voided',
  'charge.refunded',
  'charge.dispute.created',
  'charge.dispute.closed',
] as const;

/** An event of the provider: what to look at, never what is so. It holds ids alone. */
export type ProviderEvent = {
  id: string;
  /** One of `billingEventTypes`, or any other word. */
  type: string;
  createdAt: Date;
  customerId: string | null;
  subscriptionId: string | null;
  /** What it is about. */
  objectId: string | null;
};

/** Whether an event is one that is looked at. */
export function isBillingEventType(type: string): boolean {
  return billingEventTypes.some((known) => known === type);
}
