import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isBillingEventType } from '../../src/domain/billing/events.ts';
import type { StripeEvent } from '../support/stripe/objects.ts';
import { openWorld } from '../support/world.ts';
import { aBilled, type Billed, stripeEnv } from './billing-world.ts';

const world = await openWorld({ env: { ROLE: 'web', ...stripeEnv } });

/** One thing after the other that happens at Stripe. */
type Story = {
  trial?: boolean;
  steps: ((billed: Billed, subscription: string) => unknown)[];
  ends: object;
};

const sound = {
  status: 'active',
  plan: 'starter',
  subscription: 'active',
  attached: true,
  owes: false,
  suspendedFor: [],
  reviews: 0,
  refunds: 0,
  disputes: 0,
};
const key = () => ({ idempotencyKey: randomUUID() });
const buy = (billed: Billed) => billed.buy('starter');

/** Stripe's documented orders of events, and how the tenant ends. */
const stories: Readonly<Record<string, Story>> = {
  'trial to paid': {
    trial: true,
    steps: [
      (billed) => billed.buy('starter', new Date(billed.stripe.state.now * 1000 + 14 * 86_400_000)),
      ({ stripe }) => stripe.advanceDays(14.5),
    ],
    ends: sound,
  },
  'failed, then paid': {
    steps: [
      buy,
      ({ stripe, customerId }) => stripe.setCard(customerId, 'declines'),
      ({ stripe }) => stripe.advanceDays(33),
      ({ stripe, customerId }, subscription) => {
        stripe.setCard(customerId, 'pays');
        stripe.payLatest(subscription);
      },
    ],
    ends: sound,
  },
  'the card expired, and eight tries failed': {
    steps: [
      buy,
      ({ stripe, customerId }) => stripe.setCard(customerId, 'declines'),
      ({ stripe }) => stripe.advanceDays(33),
      ({ stripe }) => stripe.advanceDays(14),
    ],
    ends: { ...sound, plan: 'free', subscription: 'canceled', owes: true },
  },
  'upgraded in the middle of a period': {
    steps: [
      buy,
      ({ stripe }) => stripe.advanceDays(10),
      ({ billing, order }, id) => billing.changePlan({ ...order(id, 'professional'), when: 'now' }),
    ],
    ends: { ...sound, plan: 'professional' },
  },
  'cancelled at the end of the period': {
    steps: [
      buy,
      ({ billing }, subscriptionId) => billing.cancelAt({ subscriptionId, at: 'period_end', ...key() }),
      ({ stripe }) => stripe.advanceDays(32),
    ],
    ends: { ...sound, plan: 'free', subscription: 'canceled' },
  },
  'cancelled at once': {
    steps: [buy, ({ billing }, subscriptionId) => billing.cancelNow({ subscriptionId, ...key() })],
    ends: { ...sound, plan: 'free', subscription: 'canceled' },
  },
  refunded: {
    steps: [buy, ({ stripe, customerId }) => stripe.refund(customerId)],
    ends: { ...sound, refunds: 1 },
  },
  disputed: {
    steps: [buy, ({ stripe, customerId }) => stripe.dispute(customerId)],
    ends: { ...sound, disputes: 1, reviews: 1 },
  },
  'the customer was deleted': {
    steps: [buy, ({ stripe, customerId }) => stripe.call('DELETE /v1/customers/:id', customerId)],
    ends: { ...sound, plan: 'free', subscription: null, attached: false },
  },
};

type Delivery = (billed: Billed, events: readonly StripeEvent[]) => Promise<void>;

/** Plays a story; after each step its events are delivered, or all of them at its end. */
async function play({ trial = false, steps }: Story, { each, atEnd }: { each?: Delivery; atEnd?: Delivery }) {
  const billed = await aBilled(world, { trial });
  const all: StripeEvent[] = [];
  let subscription = '';
  for (const step of steps) {
    const made = await step(billed, subscription);
    if (typeof made === 'string') subscription = made;
    const events = billed.stripe.take();
    all.push(...events);
    await each?.(billed, events);
  }
  await atEnd?.(billed, all);
  const standing = await billed.standing();
  await billed.close();
  return { standing, all };
}

const inOrder: Delivery = async ({ stripe, process }, events) => {
  for (const event of events) expect((await stripe.post(event)).status).toBe(200);
  await process();
};

const twice: Delivery = async (billed, events) => {
  await inOrder(billed, events);
  await inOrder(billed, events);
};

const reversed: Delivery = (billed, events) => inOrder(billed, events.toReversed());

/** Plays a story with one of its events lost, in order otherwise, and then lets the reconciler look. */
function playWithout(story: Story, lost: number) {
  let seen = -1;
  const each: Delivery = (billed, events) =>
    inOrder(
      billed,
      events.filter(({ type }) => !isBillingEventType(type) || (seen += 1) !== lost),
    );
  return play(story, { each, atEnd: ({ reconcile }) => reconcile() });
}

describe.each(Object.entries(stories))('%s', (name, story) => {
  test('ends right with its events in order, every one twice', async () => {
    expect((await play(story, { each: twice })).standing).toEqual(story.ends);
  });

  test('ends the same with its events reversed', async () => {
    expect((await play(story, { atEnd: reversed })).standing).toEqual(story.ends);
  });

  test('ends the same with an event lost, once the reconciler has been', async () => {
    const lost = Object.keys(stories).indexOf(name) % 4;

    expect((await playWithout(story, lost)).standing).toEqual(story.ends);
  });

  test.runIf(process.env['LONG'] === '1')(
    'ends the same with any one of its events lost, or all of them, once the reconciler has been',
    async () => {
      const { all } = await play(story, { each: inOrder });
      const count = all.filter(({ type }) => isBillingEventType(type)).length;
      for (let lost = 0; lost < count; lost += 1) {
        expect((await playWithout(story, lost)).standing, `without event ${lost}`).toEqual(story.ends);
      }
      const { standing } = await play(story, { atEnd: ({ reconcile }) => reconcile() });
      expect(standing).toEqual(story.ends);
    },
    60_000,
  );
});
