import type { Stripe } from 'stripe';
import type { Bought } from '../../domain/billing/subscription.ts';
import { type Plan, plans, termsOf } from '../../domain/plans/catalogue.ts';
import { currencies, findPrice, intervals } from '../../domain/plans/prices.ts';
import { askingFor } from './stripe-client.ts';

export type StripePrices = {
  /** The id of a catalogue's price at Stripe: found by its lookup key, or made. */
  idOf(bought: Bought): Promise<string>;
};

/**
 * The catalogue's prices at Stripe: each is known there by a lookup key and made when it is first needed, so that nobody
 * sets them up by hand.
 */
export function createStripePrices(stripe: Stripe): StripePrices {
  const known = new Map<string, Promise<string>>();
  return {
    async idOf(bought) {
      const key = lookupKeyOf(bought);
      const finding = known.get(key) ?? findOrCreate(stripe, bought);
      known.set(key, finding);
      // What failed once is asked again.
      finding.catch(() => known.delete(key));
      return finding;
    },
  };
}

/** How a price of the catalogue is called at Stripe. */
export function lookupKeyOf({ planVersion, plan, interval, currency }: Bought): string {
  return ['tenantry', planVersion, plan, interval, currency].join('_');
}

/** What a price of Stripe sells, by its lookup key or, where that went to another price, its metadata. */
export function readPrice({ lookup_key, metadata }: Stripe.Price): Bought | null {
  return readLookupKey(lookup_key) ?? readLookupKey(metadata['tenantry_price'] ?? null);
}

function readLookupKey(key: string | null): Bought | null {
  const [, version, ...words] = /^tenantry_(\d{1,6})_([a-z]+)_([a-z]+)_([a-z]{3})$/.exec(key ?? '') ?? [];
  const plan = plans.find((name) => name === words[0]);
  const interval = intervals.find((name) => name === words[1]);
  const currency = currencies.find((name) => name === words[2]);
  return plan && interval && currency ? { plan, planVersion: Number(version), interval, currency } : null;
}

async function findOrCreate(stripe: Stripe, bought: Bought): Promise<string> {
  const lookupKey = lookupKeyOf(bought);
  const amount = amountOf(bought);
  const { data } = await stripe.prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 });
  const price = data[0] ?? (await createPrice(stripe, bought, amount));
  if (price.unit_amount !== amount) {
    throw new Error(
      `the price ${lookupKey} is ${price.unit_amount} at stripe, and ${amount} in the catalogue`,
    );
  }
  return price.id;
}

function amountOf(bought: Bought): number {
  const price = findPrice(termsOf(bought.plan, bought.planVersion).prices, bought);
  if (!price)
    throw new Error(`the ${bought.plan} plan is not sold for a ${bought.interval} in ${bought.currency}`);
  return price.amount;
}

async function createPrice(stripe: Stripe, bought: Bought, amount: number): Promise<Stripe.Price> {
  const lookupKey = lookupKeyOf(bought);
  const product = await ensureProduct(stripe, bought.plan);
  return stripe.prices.create(
    {
      product,
      currency: bought.currency,
      unit_amount: amount,
      recurring: { interval: bought.interval },
      lookup_key: lookupKey,
      metadata: { tenantry_price: lookupKey },
    },
    { idempotencyKey: `tenantry:price:${lookupKey}` },
  );
}

async function ensureProduct(stripe: Stripe, plan: Plan): Promise<string> {
  const id = `tenantry_${plan}`;
  if (await askingFor(() => stripe.products.retrieve(id))) return id;
  const name = `Tenantry ${plan}`;
  await stripe.products.create({ id, name }, { idempotencyKey: `tenantry:product:${plan}` });
  return id;
}
