import { expect, test } from 'vitest';
import { noTenant } from '../../src/db/policies.ts';
import { eventually } from '../support/world.ts';
import {
  aDispatcher,
  aListeningTenant,
  anOperatorEndpoint,
  openWebhookWorld,
  promise,
} from './webhook-world.ts';

const world = await openWebhookWorld();
const { operator, query } = world;

test('a slow endpoint leaves the others their share, however much is due to it', async () => {
  const slow = await anOperatorEndpoint(world);
  slow.receiver.answers(() => {});
  await query(
    `with made as (
       insert into tenants (id, name, slug, plan) select gen_random_uuid(), 'T', 'many-' || n, 'free'
       from generate_series(1, 40) n returning id
     )
     insert into webhook_deliveries (tenant_id, id, endpoint_owner_id, endpoint_id, event_id, event_type, payload,
       created_at, next_attempt_at)
     select id, gen_random_uuid(), ?, ?, gen_random_uuid(), 'tenant.created', '{"tenant": {}}', now(), now()
     from made`,
    [noTenant, slow.endpoint.id],
  );
  const tenant = await aListeningTenant(world);
  await promise(world, tenant, 1);

  const patient = aDispatcher(world, 60_000);
  void patient.drain();
  await eventually(async () => tenant.receiver.received.length === 1, 'what goes to the other');

  expect(slow.receiver.received.length).toBeLessThanOrEqual(8);
  patient.stop();
  slow.receiver.close();
  await operator.webhooks.remove.mutate({ endpointId: slow.endpoint.id });
});
