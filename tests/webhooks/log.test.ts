import { describe, expect, test } from 'vitest';
import {
  deleteExpired,
  deleteExpiredTenantless,
  listTenantIds,
} from '../../src/actions/operations/housekeeping.ts';
import { WebhookDelivery } from '../../src/db/entities/webhook.ts';
import { auditOf, refusalOf } from '../api/answers.ts';
import {
  aListeningTenant,
  anOperatorEndpoint,
  numbersOf,
  openWebhookWorld,
  promise,
} from './webhook-world.ts';

const world = await openWebhookWorld();
const { operator, query } = world;

test('the log says what was sent when, how often and with what answer, newest first, in pages and by state', async () => {
  const tenant = await aListeningTenant(world);
  const tenantId = tenant.id;
  await promise(world, tenant, 1, 2);
  await world.deliver();
  tenant.receiver.answersWith(500);
  await promise(world, tenant, 3);
  await world.deliver();

  const first = await operator.webhooks.deliveries.query({ tenantId, limit: 2 });
  const rest = await operator.webhooks.deliveries.query({
    tenantId,
    limit: 2,
    cursor: first.nextCursor ?? '',
  });
  const pending = await operator.webhooks.deliveries.query({ tenantId, state: 'pending' });

  expect(first.items).toMatchObject([
    { state: 'pending', attempts: 1, lastStatus: 500, settledAt: null, data: { details: { number: 3 } } },
    { state: 'delivered', attempts: 1, lastStatus: 204, nextAttemptAt: null },
  ]);
  expect(rest).toMatchObject({ items: [{ data: { details: { number: 1 } } }], nextCursor: null });
  expect(pending.items.map(({ id }) => id)).toEqual([first.items[0]?.id]);
  expect(first.items[1]?.eventId).toBe(tenant.receiver.received[1]?.id);
});

describe('redelivery', () => {
  test('of what has arrived sends it once more under the same id, and keeps the first in the log', async () => {
    const tenant = await aListeningTenant(world);
    await promise(world, tenant, 1, 2);
    await world.deliver();
    const { items } = await operator.webhooks.deliveries.query({ tenantId: tenant.id });
    const [, oldest] = items;

    const again = await operator.webhooks.redeliver.mutate({
      tenantId: tenant.id,
      deliveryId: oldest?.id ?? '',
    });
    await world.deliver();

    expect(again).toMatchObject({ state: 'pending', eventId: oldest?.eventId });
    expect(numbersOf(tenant.receiver.received)).toEqual([1, 2, 1]);
    expect(tenant.receiver.received[2]?.id).toBe(tenant.receiver.received[0]?.id);
    expect(tenant.receiver.received[2]?.body).toBe(tenant.receiver.received[0]?.body);
    expect(await auditOf(world, tenant.id)).toContain('webhook_delivery.redelivered');
  });

  test('of what waits for its next try sends it at once, and not twice', async () => {
    const tenant = await aListeningTenant(world);
    tenant.receiver.answersWith(500);
    await promise(world, tenant, 1);
    await world.deliver();
    tenant.receiver.accepts();
    const { items } = await operator.webhooks.deliveries.query({ tenantId: tenant.id });

    await operator.webhooks.redeliver.mutate({ tenantId: tenant.id, deliveryId: items[0]?.id ?? '' });
    await world.deliver();
    await world.deliver();

    expect(numbersOf(tenant.receiver.received)).toEqual([1, 1]);
  });

  test('to an endpoint that is switched off is refused, and after it is on again brings what it missed', async () => {
    const tenant = await aListeningTenant(world);
    const tenantId = tenant.id;
    const endpointId = tenant.endpoint.id;
    tenant.receiver.answersWith(410);
    await promise(world, tenant, 1);
    await world.deliver();
    tenant.receiver.accepts();
    const { items } = await operator.webhooks.deliveries.query({ tenantId, state: 'failed' });
    const deliveryId = items[0]?.id ?? '';

    const refusal = await refusalOf(operator.webhooks.redeliver.mutate({ tenantId, deliveryId }));
    await operator.webhooks.update.mutate({ tenantId, endpointId, enabled: true });
    await operator.webhooks.redeliver.mutate({ tenantId, deliveryId });
    await world.deliver();

    expect(refusal.reason).toBe('CONFLICT');
    expect(numbersOf(tenant.receiver.received)).toEqual([1, 1]);
  });

  test('of an operator’s delivery about a tenant that is being purged is refused', async () => {
    const { endpoint } = await anOperatorEndpoint(world);
    const tenant = await aListeningTenant(world);
    await promise(world, tenant, 1);
    await world.deliver();
    const { items } = await operator.webhooks.deliveries.query({ endpointId: endpoint.id });
    await query(
      `update tenants set status = 'offboarded', offboarded_at = now(), purge_claimed_at = now() where id = ?`,
      [tenant.id],
    );

    const refusal = await refusalOf(operator.webhooks.redeliver.mutate({ deliveryId: items[0]?.id ?? '' }));
    await operator.webhooks.remove.mutate({ endpointId: endpoint.id });

    expect(items[0]?.tenantId).toBe(tenant.id);
    expect(refusal.reason).toBe('TENANT_OFFBOARDED');
  });
});

describe('a test event', () => {
  test('goes to the endpoint of a tenant or of the operator, whatever it listens to', async () => {
    const tenant = await aListeningTenant(world);
    const { receiver, endpoint } = await anOperatorEndpoint(world);
    const endpointId = tenant.endpoint.id;
    await operator.webhooks.update.mutate({
      tenantId: tenant.id,
      endpointId,
      eventTypes: ['tenant.offboarded'],
    });

    await operator.webhooks.test.mutate({ tenantId: tenant.id, endpointId });
    await operator.webhooks.test.mutate({ endpointId: endpoint.id });
    await world.deliver();
    await operator.webhooks.remove.mutate({ endpointId: endpoint.id });

    expect(tenant.receiver.received.map(({ event }) => event)).toMatchObject([
      { type: 'endpoint.test', data: { tenant: { id: tenant.id } } },
    ]);
    expect(receiver.received.map(({ event }) => event)).toMatchObject([
      { type: 'endpoint.test', data: { tenant: null } },
    ]);
  });
});

test('removing an endpoint takes its log along, and what was on its way is not sent', async () => {
  const tenant = await aListeningTenant(world);
  await promise(world, tenant, 1);

  await operator.webhooks.remove.mutate({ tenantId: tenant.id, endpointId: tenant.endpoint.id });
  await world.deliver();

  expect(tenant.receiver.received).toEqual([]);
  expect(await query(`select id from webhook_deliveries where tenant_id = ?`, [tenant.id])).toEqual([]);
});

/** Says of what was delivered that it was so long ago. */
function settled(days: number, where: string) {
  return query(
    `update webhook_deliveries set settled_at = now() - ? * interval '1 day' where state = 'delivered' and ${where}`,
    [days],
  );
}

test('what has settled is kept for 30 days, and what has not is kept', async () => {
  const tenant = await aListeningTenant(world);
  const { endpoint } = await anOperatorEndpoint(world);
  await operator.webhooks.test.mutate({ endpointId: endpoint.id });
  await promise(world, tenant, 1, 2);
  await world.deliver();
  tenant.receiver.answersWith(500);
  await promise(world, tenant, 3);
  await world.deliver();
  await settled(29, `tenant_id = '${tenant.id}' and payload->'details'->>'number' = '2'`);
  await settled(31, `tenant_id = '${tenant.id}' and payload->'details'->>'number' = '1'`);
  await settled(31, `event_type = 'endpoint.test'`);
  const logged = () =>
    query(`select id from webhook_deliveries where event_type = 'endpoint.test' and endpoint_id = ?`, [
      endpoint.id,
    ]);
  const before = await logged();

  await world.inTenant(tenant.id, deleteExpired);
  await world.db.asControlPlane(world.entry({ kind: 'system' }), deleteExpiredTenantless);

  const kept = await world.inTenant(tenant.id, ({ em }) =>
    em.find(WebhookDelivery, { endpointOwnerId: tenant.id }, { orderBy: { position: 'asc' } }),
  );
  expect(kept.map(({ payload }) => Object(payload['details'])['number'])).toEqual([2, 3]);
  expect(await logged()).toEqual([]);
  expect(before).toHaveLength(1);
});

test('tidying passes over a tenant that is being purged', async () => {
  const [staying, leaving] = [await aListeningTenant(world), await aListeningTenant(world)];
  await query(
    `update tenants set status = 'offboarded', offboarded_at = now(), purge_claimed_at = now() where id = ?`,
    [leaving.id],
  );

  const visited = await world.db.asControlPlane(world.entry({ kind: 'system' }), (scope) =>
    listTenantIds(scope, null, 1000),
  );

  expect(visited).toContain(staying.id);
  expect(visited).not.toContain(leaving.id);
});
