import { expect, test } from 'vitest';
import { aTenant } from '../support/world.ts';
import { openReceiver, proves, verify } from './receiver.ts';
import { openWebhookWorld } from './webhook-world.ts';

const world = await openWebhookWorld();
const { operator } = world;
const note = 'a test';

test('an event comes signed by Standard Webhooks, with its type, its time and what happened', async () => {
  const receiver = await openReceiver();
  const tenant = await aTenant(world, { plan: 'free' });
  const { secret } = await operator.webhooks.create.mutate({ tenantId: tenant.id, url: receiver.url });
  const began = Date.now();

  await operator.suspension.suspend.mutate({
    tenantId: tenant.id,
    trigger: 'payment_failure',
    mode: 'read_only',
    note,
  });
  await world.deliver();

  const [message] = receiver.received;
  if (!message) throw new Error('nothing arrived');
  expect(verify(message, secret)).toMatchObject({
    type: 'tenant.suspended',
    data: { tenant: { id: tenant.id, status: 'suspended' }, details: { trigger: 'payment_failure' } },
  });
  expect(Date.parse(message.event.timestamp)).toBeGreaterThanOrEqual(began);
  expect(message.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(proves('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', message)).toBe(false);
  expect(receiver.received).toHaveLength(1);
});
