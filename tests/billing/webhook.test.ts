import { randomUUID } from 'node:crypto';
import { Stripe } from 'stripe';
import { expect, test } from 'vitest';
import { deleteExpiredTenantless } from '../../src/actions/operations/housekeeping.ts';
import { BillingEvent } from '../../src/db/entities/billing.ts';
import { connect } from '../support/connection.ts';
import { openWorld } from '../support/world.ts';

const secrets = { now: 'whsec_now', before: 'whsec_before' };
const world = await openWorld({
  env: {
    ROLE: 'web',
    STRIPE_SECRET_KEY: 'sk_test_local',
    STRIPE_WEBHOOK_SECRET: `${secrets.now}, ${secrets.before}`,
  },
});
const { webhooks } = new Stripe('sk_unused');

function anEvent(more: object = {}) {
  const object = { id: 'in_1', object: 'invoice', customer: 'cus_1', parent: null };
  return JSON.stringify({
    id: `evt_${randomUUID()}`,
    type: 'invoice.paid',
    created: 1,
    data: { object },
    ...more,
  });
}

const idOf = (payload: string): string => JSON.parse(payload).id;
const inSeconds = (ago: number) => Math.floor(Date.now() / 1000) - ago;

function sign(payload: string, { secret = secrets.now, ago = 0 } = {}): string {
  return webhooks.generateTestHeaderString({ payload, secret, timestamp: inSeconds(ago) });
}

/** Posts bytes, as they are. */
async function post(body: string | Uint8Array<ArrayBuffer>, signature?: string, url = world.url) {
  const headers = new Headers(signature === undefined ? {} : { 'stripe-signature': signature });
  const response = await fetch(`${url}/webhooks/stripe`, { method: 'POST', body, headers });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const control = <T>(work: Parameters<typeof world.db.asControlPlane<T>>[1]) =>
  world.db.asControlPlane(world.entry({ kind: 'system' }), work);
const find = (id: string) => control(({ em }) => em.findOne(BillingEvent, { id }));

test('an event that Stripe signed is stored once, by its ids alone, however often it is sent', async () => {
  const payload = anEvent();

  const answers = [await post(payload, sign(payload)), await post(payload, sign(payload))];

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers.map(({ text }) => JSON.parse(text).duplicate)).toEqual([false, true]);
  expect(await find(idOf(payload))).toMatchObject({
    type: 'invoice.paid',
    customerId: 'cus_1',
    objectId: 'in_1',
    state: 'received',
    via: 'webhook',
    attempts: 0,
  });
});

test('the same event at once from many connections is stored once, and each is answered with 200', async () => {
  const payload = anEvent();
  const signature = sign(payload);

  const answers = await Promise.all(Array.from({ length: 16 }, () => post(payload, signature)));

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(answers.filter(({ text }) => text.includes('"duplicate":false'))).toHaveLength(1);
});

test('while secrets are changed the one before is taken too, also where two signatures stand in the header', async () => {
  const [first, second] = [anEvent(), anEvent()];
  const foreign = sign(second, { secret: 'whsec_other' }).split(',')[1];

  const old = await post(first, sign(first, { secret: secrets.before }));
  const both = await post(second, `${sign(second)},${foreign}`);

  expect([old.status, both.status]).toEqual([200, 200]);
});

test('letters of any script in an event are signed as the bytes they are', async () => {
  const payload = anEvent({ note: 'Zoë Müller 株式会社 🦩' });

  expect((await post(payload, sign(payload))).status).toBe(200);
});

test.each<[string, (payload: string) => { body?: string; signature?: string }]>([
  ['no signature', () => ({})],
  ['another secret', (payload) => ({ signature: sign(payload, { secret: 'whsec_other' }) })],
  [
    'a signature that is more than five minutes old',
    (payload) => ({ signature: sign(payload, { ago: 302 }) }),
  ],
  ['a body that was changed', (payload) => ({ body: `${payload} `, signature: sign(payload) })],
  ['an older scheme alone', (payload) => ({ signature: sign(payload).replace('v1=', 'v0=') })],
  ['a time that is none', (payload) => ({ signature: sign(payload).replace(/^t=\d+/, 't=soon') })],
  ['a header that is none', () => ({ signature: 'hello' })],
])('an event with %s is refused with 400 and leaves no trace', async (_, change) => {
  const payload = anEvent();
  const { body = payload, signature } = change(payload);

  const answer = await post(body, signature);

  expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' });
  expect(await find(idOf(payload))).toBeNull();
});

test('what is signed and no event is refused with 400, and bytes that are no UTF-8 too', async () => {
  const [list, text] = ['[1]', 'not json'];
  const broken = new Uint8Array([...new TextEncoder().encode(anEvent()), 0xff]);
  const seen = new TextDecoder().decode(broken);

  const answers = [
    await post(list, sign(list)),
    await post(text, sign(text)),
    await post(broken, sign(seen)),
  ];

  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
});

test('a signature is good for five minutes', async () => {
  const payload = anEvent();

  expect((await post(payload, sign(payload, { ago: 295 }))).status).toBe(200);
});

test('an event of a type that nobody looks at is kept as ignored', async () => {
  const payload = anEvent({ type: 'invoice.will_be_due_some_day' });

  expect((await post(payload, sign(payload))).status).toBe(200);
  expect(await find(idOf(payload))).toMatchObject({ state: 'ignored', nextAttemptAt: null });
});

test('an event over 256 KB is refused with 413', async () => {
  const payload = anEvent({ filler: 'x'.repeat(256 * 1024) });

  expect((await post(payload, sign(payload))).status).toBe(413);
});

test('where the database cannot take it the answer is 503, so that Stripe sends it again', async () => {
  const query = await connect(world.database.ownerUrl);
  const payload = anEvent();

  await query('alter table billing_events rename to billing_events_away');
  const failed = await post(payload, sign(payload));
  await query('alter table billing_events_away rename to billing_events');
  const again = await post(payload, sign(payload));

  expect(failed).toMatchObject({ status: 503, type: 'application/problem+json' });
  expect(again.status).toBe(200);
});

test('where billing is off there is nothing', async () => {
  const off = await world.another({ STRIPE_SECRET_KEY: '', STRIPE_WEBHOOK_SECRET: '' });
  const payload = anEvent();

  expect(await post(payload, sign(payload), off.url)).toMatchObject({
    status: 404,
    type: 'application/problem+json',
  });
});

test('an event that has been dealt with is kept for 90 days; one that waits or has failed stays', async () => {
  const days = [89, 91] as const;
  const states = ['received', 'processed', 'ignored', 'failed'] as const;
  await control(async ({ em, now }) => {
    for (const state of states)
      for (const ago of days) {
        const at = new Date(now.getTime() - ago * 86_400_000);
        const settledAt = state === 'received' ? null : at;
        const ids = { customerId: null, subscriptionId: null, objectId: null };
        const dates = { createdAt: at, receivedAt: at, nextAttemptAt: null, settledAt };
        const id = `evt_old_${state}_${ago}`;
        em.create(BillingEvent, { id, type: 'x', ...ids, ...dates, via: 'webhook', state, error: null });
      }
  });

  await control(deleteExpiredTenantless);

  const left = await control(({ em }) => em.find(BillingEvent, { type: 'x' }, { orderBy: { id: 'asc' } }));
  expect(left.map(({ id }) => id.slice('evt_old_'.length))).toEqual([
    'failed_89',
    'failed_91',
    'ignored_89',
    'processed_89',
    'received_89',
    'received_91',
  ]);
});
