import type { CustomerStanding } from './gateway.ts';
import type { Subscription } from './subscription.ts';

/**
 * What a customer's standing at the provider means here. `granted`: what was bought is given; `paused`: given, and can
 * only be read; `none`: nothing was bought, or its first payment is not there yet; `ended`: the tenant goes on with the
 * free plan; `unknown`: a word of the provider that is not known here, which changes nothing and is shown to people.
 */
export type Meaning = 'granted' | 'paused' | 'none' | 'ended' | 'unknown';

const meanings: Readonly<Record<string, Meaning>> = {
  trialing: 'granted',
  active: 'granted',
  past_due: 'granted',
  unpaid: 'granted',
  paused: 'paused',
  incomplete: 'none',
  incomplete_expired: 'none',
  canceled: 'ended',
};

/** What a standing means; a price that is none of the catalogue's is not known either. */
export function meaningOf({ deleted, subscription }: Omit<CustomerStanding, 'strays'>): Meaning {
  if (!subscription) return deleted ? 'ended' : 'none';
  const meaning = Object.hasOwn(meanings, subscription.status) ? meanings[subscription.status] : undefined;
  const given = meaning === 'granted' || meaning === 'paused';
  return meaning === undefined || (given && !subscription.bought) ? 'unknown' : meaning;
}

/** The invoice that a customer owes, or `null`: also of a subscription that has ended while it was owed. */
export function owedInvoice(subscription: Subscription | null): string | null {
  const invoice = subscription?.latestInvoice;
  if (!subscription || !invoice) return null;
  if (subscription.status === 'past_due' || subscription.status === 'unpaid') return invoice.id;
  const isLeftOpen = invoice.status === 'open' && invoice.attemptCount > 0;
  return subscription.status === 'canceled' && isLeftOpen ? invoice.id : null;
}
