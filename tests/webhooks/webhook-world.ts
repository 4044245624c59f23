import { promiseWebhooks } from '../../src/actions/webhooks/webhook-events.ts';
import { createLog } from '../../src/infra/log.ts';
import { createWebhookSender } from '../../src/infra/webhooks/webhook-sender.ts';
import { createDispatcher } from '../../src/worker/webhook-dispatcher.ts';
import { aTenant, openWorld, type World } from '../support/world.ts';
import { openReceiver } from './receiver.ts';

export const loopback = '127.0.0.0/8';

/** A world whose webhooks may go to the loopback. Nothing is sent but by `deliver`, and by workers that a test starts. */
export async function openWebhookWorld() {
  const world = await openWorld({ env: { ROLE: 'web', WEBHOOK_ALLOW_NETWORKS: loopback } });
  const query = <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) => em.execute<Row[]>(sql, [...values]));
  const dispatcher = aDispatcher(world);
  return {
    ...world,
    /** Looks at, or changes, what the control plane sees: the tenants, and every delivery. */
    query,
    /** Sends what is due, and waits until nothing is any more. */
    deliver: () => dispatcher.drain(),
    /** Makes due what waits for its next try, and sends it. */
    retry: async () => {
      await query(
        `update webhook_deliveries set next_attempt_at = now() - interval '1 second' where state = 'pending'`,
      );
      await dispatcher.drain();
    },
  };
}

/** One worker's worth of sending. */
export function aDispatcher(world: World, timeoutMs = 10_000) {
  return createDispatcher({
    db: world.db,
    sender: createWebhookSender({ allowedNetworks: [loopback], timeoutMs }),
    log: createLog({ level: 'fatal', format: 'json' }),
  });
}

/** A tenant on the free plan with an endpoint of its own, whose receiver accepts what comes. */
export async function aListeningTenant(world: World) {
  const tenant = await aTenant(world, { plan: 'free' });
  const receiver = await openReceiver();
  const endpoint = await world.operator.webhooks.create.mutate({ tenantId: tenant.id, url: receiver.url });
  return { ...tenant, receiver, endpoint };
}

/** An endpoint of the operator, whose receiver accepts what comes. */
export async function anOperatorEndpoint(world: World) {
  const receiver = await openReceiver();
  const endpoint = await world.operator.webhooks.create.mutate({ url: receiver.url });
  return { receiver, endpoint };
}

/** Promises events of a tenant, one transaction each; they are told apart by their number. */
export async function promise(
  world: World,
  { id }: { id: string },
  ...numbers: readonly number[]
): Promise<void> {
  for (const number of numbers)
    await world.inTenant(id, (scope) => promiseWebhooks(scope, 'tenant.plan_changed', { number }));
}

/** The numbers of promised events, in the order in which they arrived. */
export function numbersOf(received: readonly { event: { data: { details: unknown } } }[]): unknown[] {
  return received.map(({ event }) => Object(event.data.details)['number']);
}
