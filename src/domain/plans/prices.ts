export const currencies = ['eur', 'usd'] as const;
/** ISO 4217, in the small letters that payment providers write it with. */
export type Currency = (typeof currencies)[number];

export const intervals = ['month', 'year'] as const;
export type Interval = (typeof intervals)[number];

/** What a plan costs for an interval; `amount` in the currency's smallest unit (cents). */
export type Price = { currency: Currency; interval: Interval; amount: number };

/** The prices of the plans that are sold by themselves. A year costs ten months. */
export const prices = {
  starter: pricesOf({ eur: 2_900, usd: 3_200 }),
  professional: pricesOf({ eur: 9_900, usd: 10_900 }),
} as const;

/** What a plan's price is, if it is sold in that currency for that interval. */
export function findPrice(
  offered: readonly Price[],
  { currency, interval }: Omit<Price, 'amount'>,
): Price | null {
  return offered.find((price) => price.currency === currency && price.interval === interval) ?? null;
}

function pricesOf(monthly: Readonly<Record<Currency, number>>): readonly Price[] {
  return currencies.flatMap((currency) => [
    { currency, interval: 'month' as const, amount: monthly[currency] },
    { currency, interval: 'year' as const, amount: 10 * monthly[currency] },
  ]);
}
