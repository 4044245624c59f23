import { describe, expect, test } from 'vitest';
import { WebhookEndpoint } from '../../src/db/entities/webhook.ts';
import { retryDelaysSeconds } from '../../src/domain/webhooks.ts';
import { auditOf } from '../api/answers.ts';
import { anOperator } from '../api/people.ts';
import { mailTo } from '../support/world.ts';
import {
  aListeningTenant,
  anOperatorEndpoint,
  numbersOf,
  openWebhookWorld,
  promise,
} from './webhook-world.ts';

const world = await openWebhookWorld();
const { operator, query } = world;
const days = (count: number) => new Date(Date.now() - count * 86_400_000);

type Listening = Awaited<ReturnType<typeof aListeningTenant>>;

async function endpointOf({ id: tenantId }: Listening) {
  const { items } = await operator.webhooks.list.query({ tenantId });
  return items[0];
}

function failSince({ id: tenantId }: Listening, failingSince: Date) {
  return world.inTenant(tenantId, ({ em }) =>
    em.nativeUpdate(WebhookEndpoint, { tenantId }, { failingSince }),
  );
}

describe('an event that is refused', () => {
  test('waits for its next try, longer each time, under the same id and with a new signature', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(503);
    await promise(world, tenant, 1);

    for (const planned of retryDelaysSeconds.slice(0, 6)) {
      await world.retry();
      const { items } = await operator.webhooks.deliveries.query({ tenantId: tenant.id });
      const waits = (Date.parse(items[0]?.nextAttemptAt ?? '') - Date.now()) / 1000;
      expect(waits).toBeGreaterThan(planned * 0.8 - 2);
      expect(waits).toBeLessThan(planned * 1.2);
      expect(items).toMatchObject([{ state: 'pending', lastStatus: 503, lastError: 'answered 503' }]);
    }

    expect(new Set(tenant.receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(tenant.receiver.received).toHaveLength(6);
  });

  test('is not sent before its time', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(500);
    await promise(world, tenant, 1);

    await world.deliver();
    await world.deliver();

    expect(tenant.receiver.received).toHaveLength(1);
  });

  test('for all of its 22 tries has failed, and the next one goes', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answers(({ event }, response) =>
      response.writeHead(event.data.details.number === 1 ? 422 : 200).end(),
    );
    await promise(world, tenant, 1, 2);

    for (let tries = 0; tries < 21; tries += 1) await world.retry();
    const stuck = numbersOf(tenant.receiver.received);
    await world.retry();

    const { items } = await operator.webhooks.deliveries.query({ tenantId: tenant.id });
    expect(new Set(stuck)).toEqual(new Set([1]));
    expect(numbersOf(tenant.receiver.received)).toEqual([...Array.from({ length: 22 }, () => 1), 2]);
    expect(items).toMatchObject([
      { state: 'delivered', attempts: 1, lastStatus: 200 },
      { state: 'failed', attempts: 22, lastStatus: 422, nextAttemptAt: null },
    ]);
  });

  test('makes its endpoint one that is failing, until one is accepted', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(500);
    await promise(world, tenant, 1);

    await world.deliver();
    const failing = await endpointOf(tenant);
    tenant.receiver.accepts();
    await world.retry();

    expect(failing?.failingSince).toEqual(expect.any(String));
    expect(await endpointOf(tenant)).toMatchObject({ failingSince: null, enabled: true });
  });
});

describe('an endpoint of a tenant', () => {
  test('that has failed for three days is switched off, its admins get a mail, and the trail says why', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(500);
    await promise(world, tenant, 1, 2);
    await failSince(tenant, days(3));

    await world.deliver();
    await promise(world, tenant, 3);
    await world.retry();

    const off = await endpointOf(tenant);
    expect(off).toMatchObject({ enabled: false, disabledReason: 'nothing could be delivered for 3 days' });
    expect(tenant.receiver.received).toHaveLength(1);
    const { items } = await operator.webhooks.deliveries.query({ tenantId: tenant.id });
    expect(items.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect((await auditOf(world, tenant.id)).filter((action) => action.startsWith('webhook'))).toEqual([
      'webhook_endpoint.created',
      'webhook_endpoint.disabled',
    ]);
    const worker = await world.another({ ROLE: 'worker' });
    const mail = await mailTo(world, tenant.ownerEmail, /switched off/);
    await worker.stop();
    expect(mail.text).toContain(tenant.receiver.url);
  });

  test('that has failed for a little less goes on', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(500);
    await promise(world, tenant, 1);
    await failSince(tenant, days(2.99));

    await world.deliver();

    expect(await endpointOf(tenant)).toMatchObject({ enabled: true });
  });

  test('that answers 410 is switched off at once', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(410);
    await promise(world, tenant, 1, 2);

    await world.deliver();

    expect(await endpointOf(tenant)).toMatchObject({
      enabled: false,
      disabledReason: 'it answered 410 Gone',
    });
    expect(tenant.receiver.received).toHaveLength(1);
  });

  test('that is switched on again hears of what happens from then on', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(410);
    await promise(world, tenant, 1);
    await world.deliver();
    await promise(world, tenant, 2);

    const endpointId = tenant.endpoint.id;
    await operator.webhooks.update.mutate({ tenantId: tenant.id, endpointId, enabled: true });
    tenant.receiver.accepts();
    await promise(world, tenant, 3);
    await world.deliver();

    expect(numbersOf(tenant.receiver.received)).toEqual([1, 3]);
    expect(await endpointOf(tenant)).toMatchObject({
      enabled: true,
      failingSince: null,
      disabledReason: null,
    });
  });
});

test('an endpoint of the operator that is gone is switched off for every tenant, and engineering gets a mail', async () => {
  const engineer = await anOperator(world, 'engineering');
  const { receiver, endpoint } = await anOperatorEndpoint(world);
  const [one, other] = [await aListeningTenant(world), await aListeningTenant(world)];
  await world.deliver();
  await promise(world, one, 1, 2);
  await promise(world, other, 1, 2);
  receiver.answersWith(410);

  await world.deliver();

  const { items } = await operator.webhooks.list.query();
  expect(items.find(({ id }) => id === endpoint.id)).toMatchObject({ enabled: false });
  const states = await query(`select distinct state from webhook_deliveries where endpoint_id = ?`, [
    endpoint.id,
  ]);
  expect(states.map((row) => Object.values(row)[0])).toEqual(expect.not.arrayContaining(['pending']));
  const worker = await world.another({ ROLE: 'worker' });
  const mail = await mailTo(world, engineer.email, /switched off/);
  await worker.stop();
  expect(mail.text).toContain(receiver.url);
  expect(numbersOf(one.receiver.received)).toEqual([1, 2]);
});
