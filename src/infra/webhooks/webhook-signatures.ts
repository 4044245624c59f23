import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** The library's own minimum is 24 bytes, its maximum 64. */
const secretBytes = 32;

/** A new signing secret, as Standard Webhooks writes it: `whsec_` and random bytes in base64. */
export function createWebhookSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString('base64')}`;
}

/** The headers that prove a message to whoever has one of these secrets (Standard Webhooks: `webhook-*`). */
export function signWebhook(
  { id, at, body }: { id: string; at: Date; body: string },
  secrets: readonly string[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
