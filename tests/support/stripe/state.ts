import { randomBytes } from 'node:crypto';
import type {
  StripeCharge,
  StripeCustomer,
  StripeDispute,
  StripeEvent,
  StripeInvoice,
  StripePrice,
  StripeProduct,
  StripeSchedule,
  StripeSession,
  StripeSubscription,
} from './objects.ts';

/** What Stripe does when it has tried for the last time. */
export type AfterRetries = 'cancel' | 'unpaid' | 'past_due';

/** All that a Stripe of ours remembers. */
export type State = {
  /** Its own time, in seconds. */
  now: number;
  afterRetries: AfterRetries;
  customers: Map<string, StripeCustomer>;
  products: Map<string, StripeProduct>;
  prices: Map<string, StripePrice>;
  subscriptions: Map<string, StripeSubscription>;
  schedules: Map<string, StripeSchedule>;
  invoices: Map<string, StripeInvoice>;
  sessions: Map<string, StripeSession>;
  charges: Map<string, StripeCharge>;
  disputes: Map<string, StripeDispute>;
  /** Oldest first. */
  events: StripeEvent[];
};

/** Nothing yet. */
export function emptyState(now: Date): State {
  return {
    now: Math.floor(now.getTime() / 1000),
    afterRetries: 'cancel',
    customers: new Map(),
    products: new Map(),
    prices: new Map(),
    subscriptions: new Map(),
    schedules: new Map(),
    invoices: new Map(),
    sessions: new Map(),
    charges: new Map(),
    disputes: new Map(),
    events: [],
  };
}

/** A fresh id, as Stripe's look. */
export function stripeId(prefix: string): string {
  return `${prefix}_${randomBytes(9).toString('hex')}`;
}

/** Something was asked that Stripe refuses. */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(message: string, { status = 400, code }: { status?: number; code?: string } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What is stored under an id; refused as Stripe does where there is nothing. */
export function find<T>(things: ReadonlyMap<string, T>, id: string, what: string): T {
  const found = things.get(id);
  if (!found) throw new StripeRefusal(`No such ${what}: '${id}'`, { status: 404, code: 'resource_missing' });
  return found;
}

/** Writes an event with the object as it is at this moment. */
export function emit(state: State, type: string, object: unknown): void {
  state.events.push({
    id: stripeId('evt'),
    object: 'event',
    type,
    created: state.now,
    api_version: '2026-10-28.endive',
    livemode: false,
    data: { object: structuredClone(object) },
  });
}
