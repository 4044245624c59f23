import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { storeEvent } from '../../actions/billing/billing-inbox.ts';
import { BillingSignatureError, type BillingGateway } from '../../domain/billing/gateway.ts';
import type { ProviderEvent } from '../../domain/billing/events.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Database } from '../../db/scope.ts';
import type { Log } from '../../infra/log.ts';
import { BodyTooLarge } from '../input.ts';
import type { ApiEnv } from './env.ts';
import { problem } from './problems.ts';

const mostBytes = 256 * 1024;

const limitEvent = bodyLimit({
  maxSize: mostBytes,
  onError: () => {
    throw new BodyTooLarge(`the event is larger than ${mostBytes} bytes`);
  },
});

/**
 * Where Stripe sends its events. One is answered with 200 once it is stored, also when it was before; what cannot be
 * stored now is answered with 503, and Stripe sends it again. What follows from it is the worker's.
 */
export function createStripeWebhook({ db, log }: { db: Database; log: Log }) {
  const app = new Hono<ApiEnv>();
  app.post('/webhooks/stripe', limitEvent, async (c) => {
    const { billing } = db.ports;
    if (!billing) throw new Refusal('NOT_FOUND', 'billing is off here');
    // The very bytes: they are what was signed.
    const rawBody = new Uint8Array(await c.req.arrayBuffer());
    const event = readEvent(billing, rawBody, c.req.header('stripe-signature') ?? '');
    const { entry } = c.var;
    try {
      const isNew = await db.asControlPlane({ ...entry, actor: { kind: 'system' } }, (scope) =>
        storeEvent(scope, event, 'webhook'),
      );
      return c.json({ received: true, duplicate: !isNew });
    } catch (error) {
      log.error({ err: error, event: event.id }, 'an event of billing could not be stored: it is sent again');
      c.header('retry-after', '60');
      return problem(c, { status: 503, title: 'Not available' }, { detail: 'the event could not be stored' });
    }
  });
  return app;
}

function readEvent(billing: BillingGateway, rawBody: Uint8Array, signature: string): ProviderEvent {
  try {
    return billing.readEvent(rawBody, signature);
  } catch (error) {
    if (error instanceof BillingSignatureError) throw new Refusal('INVALID_INPUT', error.message);
    throw error;
  }
}
