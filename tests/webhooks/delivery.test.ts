import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { suspendTenant } from '../../src/actions/suspension/suspension.ts';
import { promiseWebhooks } from '../../src/actions/webhooks/webhook-events.ts';
import { aTenant, eventually } from '../support/world.ts';
import { openReceiver, proves, verify } from './receiver.ts';
import {
  aDispatcher,
  aListeningTenant,
  anOperatorEndpoint,
  numbersOf,
  openWebhookWorld,
  promise,
} from './webhook-world.ts';

const world = await openWebhookWorld();
const { operator, query } = world;
const cause = { trigger: 'payment_failure', mode: 'read_only', note: 'unpaid', notify: true } as const;

test('an event comes signed by Standard Webhooks, with its type, its time and what happened', async () => {
  const tenant = await aListeningTenant(world);
  const began = Date.now();

  await operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
  await world.deliver();

  const [message] = tenant.receiver.received;
  if (!message) throw new Error('nothing arrived');
  expect(verify(message, tenant.endpoint.secret)).toMatchObject({
    type: 'tenant.suspended',
    data: { tenant: { id: tenant.id, status: 'suspended' }, details: { trigger: 'payment_failure' } },
  });
  expect(Date.parse(message.event.timestamp)).toBeGreaterThanOrEqual(began);
  expect(Number(message.headers['webhook-timestamp']) * 1000).toBeGreaterThan(began - 1000);
  expect(message.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(proves('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', message)).toBe(false);
  expect(tenant.receiver.received).toHaveLength(1);
});

test('a change that is rolled back is told to nobody', async () => {
  const tenant = await aListeningTenant(world);

  const undone = world.inTenant(tenant.id, async (scope) => {
    await suspendTenant(scope, cause);
    await scope.em.flush();
    throw new Error('changed my mind');
  });

  await expect(undone).rejects.toThrow('changed my mind');
  await world.deliver();
  expect(tenant.receiver.received).toEqual([]);
  expect(await query(`select id from webhook_deliveries where tenant_id = ?`, [tenant.id])).toEqual([]);
});

test('an endpoint hears of the types it names, and of nothing else', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const receiver = await openReceiver();
  await operator.webhooks.create.mutate({
    tenantId: tenant.id,
    url: receiver.url,
    eventTypes: ['tenant.reinstated', 'tenant.offboarded'],
  });

  await operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
  await operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'paid' });
  await world.deliver();

  expect(receiver.received.map(({ event }) => event.type)).toEqual(['tenant.reinstated']);
});

describe('order', () => {
  test('events of a tenant arrive in the order in which they happened, also when one has to be tried again', async () => {
    const tenant = await aListeningTenant(world);
    let refusals = 3;
    tenant.receiver.answers((_, response) => response.writeHead(refusals-- > 0 ? 503 : 200).end());
    await promise(world, tenant, 1, 2, 3, 4);

    await world.deliver();
    await world.retry();
    await world.retry();
    const soFar = numbersOf(tenant.receiver.received);
    await world.retry();

    expect(soFar).toEqual([1, 1, 1]);
    expect(numbersOf(tenant.receiver.received)).toEqual([1, 1, 1, 1, 2, 3, 4]);
  });

  test('a tenant whose event is refused keeps no other tenant waiting at the same endpoint', async () => {
    const { receiver, endpoint } = await anOperatorEndpoint(world);
    const [stuck, free] = [await aTenant(world, { plan: 'free' }), await aTenant(world, { plan: 'free' })];
    receiver.answers(({ event }, response) =>
      response.writeHead(event.data.tenant.id === stuck.id ? 500 : 200).end(),
    );

    await promise(world, stuck, 1, 2);
    await promise(world, free, 1, 2);
    await world.deliver();
    await operator.webhooks.remove.mutate({ endpointId: endpoint.id });

    expect(receiver.about(stuck).map(({ event }) => event.type)).toEqual(['tenant.created']);
    expect(numbersOf(receiver.about(free).slice(1))).toEqual([1, 2]);
  });

  test('events promised by transactions that run at once arrive in the order of their commits', async () => {
    const tenant = await aListeningTenant(world);

    await Promise.all(Array.from({ length: 12 }, (_, number) => promise(world, tenant, number)));
    const committed = await query<{ number: number }>(
      `select (payload->'details'->>'number')::int as number from webhook_deliveries where tenant_id = ? order by position`,
      [tenant.id],
    );
    await world.deliver();

    expect(new Set(numbersOf(tenant.receiver.received)).size).toBe(12);
    expect(numbersOf(tenant.receiver.received)).toEqual(committed.map(({ number }) => number));
  });
});

describe('at least once, and not twice at once', () => {
  test('two workers send each event once, and never two of a tenant at the same time', async () => {
    const tenants = await Promise.all(Array.from({ length: 3 }, () => aListeningTenant(world)));
    let most = 0;
    for (const { receiver } of tenants) {
      let present = 0;
      receiver.answers(async (_, response) => {
        present += 1;
        most = Math.max(most, present);
        await new Promise((resolve) => setTimeout(resolve, 20));
        present -= 1;
        response.writeHead(200).end();
      });
    }
    for (const tenant of tenants) await promise(world, tenant, 1, 2, 3, 4, 5);

    await Promise.all([aDispatcher(world).drain(), aDispatcher(world).drain()]);
    await world.deliver();

    expect(tenants.map(({ receiver }) => numbersOf(receiver.received))).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
    expect(most).toBe(1);
  });

  test('what a worker was sending when it died is sent again, under the same id, when its lease has run out', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answers(() => {});
    await promise(world, tenant, 1, 2);
    const doomed = aDispatcher(world, 60_000);
    void doomed.drain();
    await eventually(async () => tenant.receiver.received.length > 0, 'the first try');
    tenant.receiver.accepts();

    await world.deliver();
    const meanwhile = tenant.receiver.received.length;
    await query(
      `update webhook_deliveries set leased_until = now() - interval '1 second' where tenant_id = ?`,
      [tenant.id],
    );
    await world.deliver();

    expect(meanwhile).toBe(1);
    expect(numbersOf(tenant.receiver.received)).toEqual([1, 1, 2]);
    expect(tenant.receiver.received[1]?.id).toBe(tenant.receiver.received[0]?.id);
    doomed.stop();
    tenant.receiver.close();
  });

  test('who comes back after another has taken over changes nothing', async () => {
    const tenant = await aListeningTenant(world);
    const held: ServerResponse[] = [];
    tenant.receiver.answers((_, response) => held.push(response));
    await promise(world, tenant, 1);
    const slow = aDispatcher(world, 60_000).drain();
    await eventually(async () => tenant.receiver.received.length > 0, 'the first try');
    await query(
      `update webhook_deliveries set leased_until = now() - interval '1 second' where tenant_id = ?`,
      [tenant.id],
    );
    tenant.receiver.accepts();
    await world.deliver();
    held[0]?.writeHead(500).end();
    await slow;

    const [delivery] = await query(`select state, attempts from webhook_deliveries where tenant_id = ?`, [
      tenant.id,
    ]);
    expect(delivery).toEqual({ state: 'delivered', attempts: 2 });
    const { items } = await operator.webhooks.list.query({ tenantId: tenant.id });
    expect(items).toMatchObject([{ failingSince: null }]);
  });

  test('a service sends by itself, within seconds', async () => {
    const tenant = await aListeningTenant(world);
    const worker = await world.another({ ROLE: 'worker' });

    await operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
    await eventually(async () => tenant.receiver.received.length === 1, 'the webhook', 5);
    await worker.stop();

    expect(tenant.receiver.received[0]?.event.type).toBe('tenant.suspended');
  });
});

test('a tenant that is being purged is told of nothing more, and promises nothing more', async () => {
  const { receiver, endpoint } = await anOperatorEndpoint(world);
  const tenant = await aTenant(world, { plan: 'free' });
  await world.deliver();
  await promise(world, tenant, 1);
  const late = world.inTenant(tenant.id, async (scope) => {
    await world.query(
      `update tenants set status = 'offboarded', offboarded_at = now(), purge_claimed_at = now() where id = ?`,
      [tenant.id],
    );
    await promiseWebhooks(scope, 'tenant.plan_changed', { number: 2 });
  });

  await late;
  await world.deliver();
  const numbers = await query(`select id from webhook_deliveries where tenant_id = ? and state = 'pending'`, [
    tenant.id,
  ]);
  await operator.webhooks.remove.mutate({ endpointId: endpoint.id });

  expect(receiver.about(tenant).map(({ event }) => event.type)).toEqual(['tenant.created']);
  expect(numbers).toHaveLength(1);
});
