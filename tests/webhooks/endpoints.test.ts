import { describe, expect, test } from 'vitest';
import { WebhookEndpoint } from '../../src/db/entities/webhook.ts';
import { endpointLimit } from '../../src/domain/webhooks.ts';
import { auditOf, refusalOf, refusalsOf } from '../api/answers.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { openReceiver, proves } from './receiver.ts';
import { aListeningTenant, openWebhookWorld, promise } from './webhook-world.ts';

const world = await openWebhookWorld();
/** Where the operator has opened no network. */
const strict = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;
const url = 'https://hooks.example/in';
const secretForm = /^whsec_[A-Za-z0-9+/]{43}=$/;

describe('an endpoint', () => {
  test('is made, listed, changed and removed by a tenant’s owner and admins, each act in the trail', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);
    const admin = await aPerson(world, tenant.id, 'admin');

    const made = await owner.client.webhooks.create.mutate({ url, description: 'our CRM' });
    const endpointId = made.id;
    const listed = await admin.client.webhooks.list.query();
    const changed = await admin.client.webhooks.update.mutate({
      endpointId,
      url: 'https://hooks.example/other',
      eventTypes: ['tenant.suspended', 'tenant.suspended'],
    });
    await owner.client.webhooks.remove.mutate({ endpointId });

    expect(made).toMatchObject({ url, description: 'our CRM', eventTypes: [], enabled: true });
    expect(made.secret).toMatch(secretForm);
    expect(listed.items).toMatchObject([{ id: endpointId, url }]);
    expect(changed).toMatchObject({ url: 'https://hooks.example/other', eventTypes: ['tenant.suspended'] });
    expect((await owner.client.webhooks.list.query()).items).toEqual([]);
    expect((await auditOf(world, tenant.id)).filter((action) => action.startsWith('webhook'))).toEqual([
      'webhook_endpoint.created',
      'webhook_endpoint.updated',
      'webhook_endpoint.removed',
    ]);
  });

  test('shows its secret once, and it is stored sealed with the tenant’s key', async () => {
    const { id: tenantId, endpoint } = await aListeningTenant(world);

    const listed = await operator.webhooks.list.query({ tenantId });
    const stored = await world.inTenant(tenantId, ({ em }) =>
      em.findOneOrFail(WebhookEndpoint, { tenantId }),
    );

    expect(JSON.stringify(listed)).not.toContain('whsec');
    expect(JSON.stringify(stored)).not.toContain(endpoint.secret.slice(6));
    const opened = await world.inTenant(tenantId, async ({ key }) =>
      key.openText(stored.secretSealed, `webhook_endpoint:${endpoint.id}`),
    );
    expect(opened).toBe(endpoint.secret);
    expect(() =>
      world.ports.master.openText(stored.secretSealed, `webhook_endpoint:${endpoint.id}`),
    ).toThrow();
  });

  test('cannot be made by a member, by an unverified owner, or by an operator who only reads', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const member = await aPerson(world, tenant.id, 'member');
    const unverified = await aRegistration(world);
    const onlooker = await anOperator(world, 'read_only');
    const billing = await anOperator(world, 'billing');

    const refusals = await refusalsOf([
      member.client.webhooks.create.mutate({ url }),
      member.client.webhooks.list.query(),
      member.client.webhooks.deliveries.query(),
      world.as(unverified.accessToken).webhooks.create.mutate({ url }),
      onlooker.client.webhooks.create.mutate({ url }),
      billing.client.webhooks.create.mutate({ tenantId: tenant.id, url }),
    ]);

    expect(refusals.map(({ reason }) => reason)).toEqual([
      'PERMISSION_DENIED',
      'PERMISSION_DENIED',
      'PERMISSION_DENIED',
      'EMAIL_NOT_VERIFIED',
      'PERMISSION_DENIED',
      'PERMISSION_DENIED',
    ]);
    expect((await onlooker.client.webhooks.list.query({ tenantId: tenant.id })).items).toEqual([]);
  });

  test('of a suspended tenant can be read, and not changed by its people', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);
    await operator.suspension.suspend.mutate({
      tenantId: tenant.id,
      trigger: 'payment_failure',
      mode: 'read_only',
      note: 'unpaid',
    });

    expect((await owner.client.webhooks.list.query()).items).toEqual([]);
    expect(await refusalOf(owner.client.webhooks.create.mutate({ url }))).toMatchObject({
      reason: 'TENANT_READ_ONLY',
    });
  });

  test('is one of twenty at most', async () => {
    const { id: tenantId } = await aTenant(world, { plan: 'free' });
    for (let made = 0; made < endpointLimit; made += 1)
      await operator.webhooks.create.mutate({ tenantId, url: `${url}/${made}` });

    expect(await refusalOf(operator.webhooks.create.mutate({ tenantId, url }))).toMatchObject({
      reason: 'CONFLICT',
    });
    expect((await operator.webhooks.list.query({ tenantId })).items).toHaveLength(endpointLimit);
  });

  test.each([
    { url: 'ftp://hooks.example/' },
    { url: 'https://me:secret@hooks.example/' },
    { url: 'hooks' },
    { url: `https://hooks.example/${'x'.repeat(2048)}` },
    { url: 'https://hooks.example/\u0000' },
    { url, eventTypes: ['tenant.exploded'] },
  ])('is refused with INVALID_INPUT for %j', async (input) => {
    const answer = await world.send('/trpc/webhooks.create', { body: input, token: world.bootstrapToken });

    expect([answer.status, answer.body.error.data.reason]).toEqual([400, 'INVALID_INPUT']);
  });

  test('may not be reached over http where the operator has opened no network', async () => {
    expect(
      await refusalOf(strict.operator.webhooks.create.mutate({ url: 'http://hooks.example/' })),
    ).toMatchObject({ reason: 'INVALID_INPUT', message: 'url: must begin with https://' });
  });
});

describe('endpoints of one owner', () => {
  test('are not there for another: neither another tenant, nor the operator’s own list', async () => {
    const one = await aListeningTenant(world);
    const other = await theOwner(world, await aTenant(world, { plan: 'free' }));
    const theirs = await operator.webhooks.create.mutate({ url });
    await promise(world, one, 1);
    const { items } = await operator.webhooks.deliveries.query({ tenantId: one.id });
    const endpointId = one.endpoint.id;
    const deliveryId = items[0]?.id ?? '';

    const refusals = await refusalsOf([
      other.client.webhooks.update.mutate({ endpointId, description: 'mine' }),
      other.client.webhooks.remove.mutate({ endpointId }),
      other.client.webhooks.rotateSecret.mutate({ endpointId }),
      other.client.webhooks.test.mutate({ endpointId }),
      other.client.webhooks.redeliver.mutate({ deliveryId }),
      other.client.webhooks.list.query({ tenantId: one.id }),
      other.client.webhooks.remove.mutate({ endpointId: theirs.id }),
      operator.webhooks.remove.mutate({ endpointId }),
      operator.webhooks.redeliver.mutate({ deliveryId }),
      operator.webhooks.remove.mutate({ tenantId: one.id, endpointId: theirs.id }),
    ]);

    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(['NOT_FOUND']));
    expect((await other.client.webhooks.list.query()).items).toEqual([]);
    expect((await other.client.webhooks.deliveries.query({ endpointId })).items).toEqual([]);
    expect((await operator.webhooks.list.query()).items.map(({ id }) => id)).not.toContain(endpointId);
  });

  test('the operator’s are not seen by the tenant they hear of, nor what was sent to them', async () => {
    const receiver = await openReceiver();
    const { id } = await operator.webhooks.create.mutate({ url: receiver.url });
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = await theOwner(world, tenant);
    await world.deliver();

    const seen = await owner.client.webhooks.deliveries.query();
    const { items } = await operator.webhooks.deliveries.query({ endpointId: id });
    await operator.webhooks.remove.mutate({ endpointId: id });

    expect(receiver.about(tenant)).toHaveLength(1);
    expect(seen.items).toEqual([]);
    expect(items).toMatchObject([{ tenantId: tenant.id, eventType: 'tenant.created', state: 'delivered' }]);
  });
});

describe('rotating a secret', () => {
  test('the old one signs beside the new one for a day, then the new one alone', async () => {
    const { id: tenantId, endpoint, receiver } = await aListeningTenant(world);
    const tenant = { id: tenantId };

    const rotated = await operator.webhooks.rotateSecret.mutate({ tenantId, endpointId: endpoint.id });
    await promise(world, tenant, 1);
    await world.deliver();
    await world.inTenant(tenantId, ({ em }) =>
      em.nativeUpdate(WebhookEndpoint, { tenantId }, { previousSecretExpiresAt: new Date() }),
    );
    await promise(world, tenant, 2);
    await world.deliver();

    const hours = (Date.parse(rotated.previousSecretExpiresAt ?? '') - Date.now()) / 3_600_000;
    expect(hours).toBeCloseTo(24, 1);
    expect(rotated.secret).toMatch(secretForm);
    const proved = receiver.received.map((received) =>
      [endpoint.secret, rotated.secret].map((secret) => proves(secret, received)),
    );
    expect(proved).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  test('is done once for its idempotency key, which gives the same secret again', async () => {
    const { id: tenantId, endpoint } = await aListeningTenant(world);
    const input = { tenantId, endpointId: endpoint.id, idempotencyKey: 'rotate-1' };

    const first = await operator.webhooks.rotateSecret.mutate(input);
    const again = await operator.webhooks.rotateSecret.mutate(input);

    expect(again.secret).toBe(first.secret);
  });
});
