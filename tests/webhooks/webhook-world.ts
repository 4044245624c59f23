import { createLog } from '../../src/infra/log.ts';
import { createWebhookSender } from '../../src/infra/webhooks/webhook-sender.ts';
import { createDispatcher } from '../../src/worker/webhook-dispatcher.ts';
import { connect } from '../support/connection.ts';
import { openWorld, type World } from '../support/world.ts';

export const loopback = '127.0.0.0/8';

/** A world whose webhooks may go to the loopback. Nothing is sent but by `deliver`, and by services that a test starts. */
export async function openWebhookWorld() {
  const world = await openWorld({ env: { ROLE: 'web', WEBHOOK_ALLOW_NETWORKS: loopback } });
  const query = await connect(world.database.ownerUrl);
  const dispatcher = aDispatcher(world);
  return {
    ...world,
    query,
    /** Sends what is due, and waits until nothing is any more. */
    deliver: () => dispatcher.drain(),
    /** Makes due what waits for its next try. */
    hurry: () => query(`update webhook_deliveries set next_attempt_at = now() where state = 'pending'`),
  };
}

/** One worker's worth of sending. */
export function aDispatcher(world: World, timeoutMs = 2000) {
  return createDispatcher({
    db: world.db,
    sender: createWebhookSender({ allowedNetworks: [loopback], timeoutMs }),
    log: createLog({ level: 'fatal', format: 'json' }),
  });
}
