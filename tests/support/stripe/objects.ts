/** Stripe's objects, in its own words and shape, as far as the SDK's callers look at them. */
export type StripePrice = {
  id: string;
  object: 'price';
  active: boolean;
  currency: string;
  unit_amount: number;
  recurring: { interval: 'month' | 'year'; interval_count: 1 };
  lookup_key: string | null;
  metadata: Record<string, string>;
  product: string;
};

export type StripeCustomer = {
  id: string;
  object: 'customer';
  name: string | null;
  email: string | null;
  metadata: Record<string, string>;
  /** Negative: a credit that the next invoices use up. */
  balance: number;
  created: number;
  deleted?: true;
  /** What happens when it is charged; `null`: there is no card. Not Stripe's. */
  card: 'pays' | 'declines' | null;
};

export type StripeLine = {
  id: string;
  object: 'line_item';
  amount: number;
  currency: string;
  description: string;
  period: { start: number; end: number };
  parent: {
    type: 'subscription_item_details';
    invoice_item_details: null;
    subscription_item_details: { proration: boolean; subscription: string };
  };
};

export type StripeInvoice = {
  id: string;
  object: 'invoice';
  customer: string;
  status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  billing_reason: string;
  currency: string;
  total: number;
  amount_due: number;
  amount_paid: number;
  attempt_count: number;
  next_payment_attempt: number | null;
  /** When a draft is finalized and first collected. */
  automatically_finalizes_at: number | null;
  status_transitions: { paid_at: number | null };
  lines: { object: 'list'; data: StripeLine[]; has_more: false };
  parent: { type: 'subscription_details'; subscription_details: { subscription: string } };
  created: number;
};

export type StripeItem = {
  id: string;
  object: 'subscription_item';
  price: StripePrice;
  quantity: 1;
  current_period_start: number;
  current_period_end: number;
};

export type StripeSubscription = {
  id: string;
  object: 'subscription';
  customer: string;
  status: string;
  currency: string;
  created: number;
  billing_cycle_anchor: number;
  items: { object: 'list'; data: [StripeItem]; has_more: false };
  cancel_at: number | null;
  cancel_at_period_end: boolean;
  canceled_at: number | null;
  ended_at: number | null;
  trial_end: number | null;
  latest_invoice: string | null;
  pending_update: { expires_at: number; subscription_items: { price: StripePrice }[] } | null;
  schedule: string | null;
  metadata: Record<string, string>;
};

export type StripePhase = {
  start_date: number;
  end_date: number;
  items: { price: string; quantity: number }[];
};

export type StripeSchedule = {
  id: string;
  object: 'subscription_schedule';
  status: 'active' | 'released';
  subscription: string;
  current_phase: { start_date: number; end_date: number } | null;
  phases: StripePhase[];
};

export type StripeSession = {
  id: string;
  object: 'checkout.session';
  status: 'open' | 'complete' | 'expired';
  mode: 'subscription';
  customer: string;
  subscription: string | null;
  url: string | null;
  success_url: string;
  price: string;
  trialEnd: number | null;
};

export type StripeCharge = {
  id: string;
  object: 'charge';
  customer: string;
  amount: number;
  amount_refunded: number;
  refunded: boolean;
  invoice: string;
};

export type StripeDispute = { id: string; object: 'dispute'; charge: string; amount: number; status: string };

export type StripeProduct = { id: string; object: 'product'; name: string };

export type StripeEvent = {
  id: string;
  object: 'event';
  type: string;
  created: number;
  api_version: string;
  livemode: false;
  data: { object: unknown };
};
