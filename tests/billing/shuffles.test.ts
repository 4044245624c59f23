import { expect, test } from 'vitest';
import { owedInvoice } from '../../src/domain/billing/standing.ts';
import type { StripeEvent } from '../support/stripe/objects.ts';
import { openWorld } from '../support/world.ts';
import { aBilled, type Billed, stripeEnv } from './billing-world.ts';

const world = await openWorld({ env: { ROLE: 'web', ...stripeEnv } });
const seeds = process.env['LONG'] === '1' ? 1000 : 4;

/** Chance that is the same again for the same seed (mulberry32). */
function chanceOf(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What people, cards and time do to a subscription. */
const happenings: readonly ((billed: Billed, id: string, key: string) => unknown)[] = [
  ({ stripe }) => stripe.advanceDays(9),
  ({ stripe }) => stripe.advanceDays(31),
  ({ stripe, customerId }) => stripe.setCard(customerId, 'declines'),
  ({ stripe, customerId }) => stripe.setCard(customerId, 'pays'),
  ({ stripe }, id) => stripe.payLatest(id),
  ({ billing, order }, id) => billing.changePlan({ ...order(id, 'professional'), when: 'now' }),
  ({ billing, order }, id) => billing.changePlan({ ...order(id, 'starter'), when: 'period_end' }),
  ({ billing }, subscriptionId, idempotencyKey) =>
    billing.cancelAt({ subscriptionId, at: 'period_end', idempotencyKey }),
  ({ billing }, subscriptionId, idempotencyKey) => billing.undoCancel({ subscriptionId, idempotencyKey }),
];

/** A life of a subscription, its events in any order, some twice, some never; then the reconciler looks. */
async function live(seed: number) {
  const chance = chanceOf(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(chance() * from.length)];
  const billed = await aBilled(world);
  const id = await billed.buy('starter');
  let waiting: StripeEvent[] = billed.stripe.take();
  for (let step = 0; step < 12; step += 1) {
    try {
      await pick(happenings)?.(billed, id, `${seed}:${step}`);
    } catch {
      // What Stripe refuses (an end of what has ended, say) changes nothing.
    }
    waiting.push(...billed.stripe.take());
    const now = waiting.filter(() => chance() < 0.6).toSorted(() => chance() - 0.5);
    for (const event of now) if (chance() < 0.85) await billed.stripe.post(event);
    await billed.process();
    waiting = waiting.filter((event) => !now.includes(event) || chance() < 0.2);
  }
  await billed.reconcile();
  const subscription = await billed.billing.findSubscription(billed.customerId);
  const standing = await billed.standing();
  await billed.close();
  return { standing, subscription };
}

test.each(Array.from({ length: seeds }, (_, index) => [index + 1]))(
  'whatever happens in whatever order, duplicated and lost, the tenant ends as Stripe has it (seed %i)',
  async (seed) => {
    const { standing, subscription } = await live(seed);

    const lives = subscription?.status !== 'canceled';
    expect(standing).toMatchObject({
      plan: lives ? subscription?.bought?.plan : 'free',
      subscription: subscription?.status,
      owes: owedInvoice(subscription) !== null,
      status: 'active',
      reviews: 0,
    });
  },
);
