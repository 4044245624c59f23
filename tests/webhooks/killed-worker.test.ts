import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { aDatabase, on, run } from '../process/database.ts';
import { serve } from '../process/process.ts';
import { eventually } from '../support/world.ts';
import { openReceiver, proves } from './receiver.ts';
import { loopback } from './webhook-world.ts';

test('what a process was sending when it was killed is sent by the next, under the same id, and the rest follows', async () => {
  const database = await aDatabase();
  const settings = {
    ...on(database),
    DATA_DIR: await aDataDir(),
    SECRET_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_OPERATOR_TOKEN: 'operator-of-the-test',
    WEBHOOK_ALLOW_NETWORKS: loopback,
  };
  const receiver = await openReceiver();
  receiver.answers(() => {});
  const killed = await serve(settings);
  const { secret } = await killed.client.webhooks.create.mutate({ url: receiver.url });
  const tenant = { name: 'Acme', slug: 'acme', plan: 'free', adminEmail: 'ada@acme.example' } as const;
  const { id: tenantId } = await killed.client.tenants.create.mutate(tenant);
  await killed.client.plans.change.mutate({ tenantId, plan: 'starter', note: 'grew', when: 'now' });
  await eventually(async () => receiver.received.length === 1, 'the first try');

  await killed.end('SIGKILL');
  receiver.accepts();
  const next = await serve(settings);
  const meanwhile = receiver.received.length;
  await run(
    database.loginUrl,
    `set role tenantry_control; update webhook_deliveries set leased_until = now() - interval '1 second' where leased_until is not null`,
  );
  await eventually(async () => receiver.received.length === 3, 'what was left');
  await next.end('SIGTERM');

  expect(meanwhile).toBe(1);
  expect(receiver.received.map(({ event }) => event.type)).toEqual([
    'tenant.created',
    'tenant.created',
    'tenant.plan_changed',
  ]);
  expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
  expect(receiver.received.every((received) => proves(secret, received))).toBe(true);
}, 60_000);
