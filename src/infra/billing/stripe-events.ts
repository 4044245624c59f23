import { Stripe } from 'stripe';
import { z } from 'zod';
import { billingEventTypes, type ProviderEvent } from '../../domain/billing/events.ts';
import { BillingSignatureError } from '../../domain/billing/gateway.ts';
import { idOf, momentOf, secondsOf } from './stripe-reading.ts';

const toleranceSeconds = 300;
const perPage = 100;

const reference = z
  .union([z.string(), z.object({ id: z.string() })])
  .transform(idOf)
  .nullish();

/** What of an event is looked at: in every version of Stripe's API these stand in the same place. */
const eventShape = z.object({
  id: z.string().max(255),
  type: z.string().max(255),
  created: z.int(),
  data: z.object({
    object: z.object({
      object: z.string().optional(),
      id: z.string().max(255).optional(),
      customer: reference,
      subscription: reference,
    }),
  }),
});

/**
 * Reads an event that was sent here. It is signed with one of the secrets, not more than five minutes ago, and by the
 * very bytes of its body; else `BillingSignatureError`.
 */
export function readStripeEvent(
  { webhooks }: Pick<Stripe, 'webhooks'>,
  { rawBody, signature, secrets }: { rawBody: Uint8Array; signature: string; secrets: readonly string[] },
): ProviderEvent {
  const verified = secrets.some((secret) =>
    isSigned(() => webhooks.signature?.verifyHeader(rawBody, signature, secret, toleranceSeconds)),
  );
  if (!verified) throw new BillingSignatureError("the signature is not Stripe's, or too old");
  const event = eventShape.safeParse(parsed(rawBody));
  if (!event.success) throw new BillingSignatureError('this is no event of stripe');
  return eventOf(event.data);
}

/** The events since a moment that are looked at, oldest first. */
export async function listStripeEvents(stripe: Stripe, since: Date): Promise<ProviderEvent[]> {
  const types = [...billingEventTypes];
  const query = { created: { gte: secondsOf(since) }, types, limit: perPage };
  const events: ProviderEvent[] = [];
  for await (const event of stripe.events.list(query)) events.push(eventOf(eventShape.parse(event)));
  return events.toReversed();
}

function isSigned(verify: () => boolean | undefined): boolean {
  try {
    return verify() ?? false;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

function parsed(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    return null;
  }
}

function eventOf({ id, type, created, data }: z.output<typeof eventShape>): ProviderEvent {
  const { object } = data;
  return {
    id,
    type,
    createdAt: momentOf(created),
    customerId: (object.object === 'customer' ? object.id : object.customer) ?? null,
    subscriptionId: (object.object === 'subscription' ? object.id : object.subscription) ?? null,
    objectId: object.id ?? null,
  };
}
