import { Stripe } from 'stripe';
import { BillingRefused, BillingUnavailable } from '../../domain/billing/gateway.ts';

export type StripeOptions = {
  secretKey: string;
  /** Of the endpoint for our events: the one in use, and while they are changed the one before. */
  webhookSecrets: readonly string[];
  /** Another address than Stripe's own: scheme, host and port. */
  apiBase: string | null;
};

const timeoutMilliseconds = 20_000;
const networkRetries = 2;

/** Stripe's SDK, with bounded waiting: at most three tries of twenty seconds each. */
export function createStripeClient({ secretKey, apiBase }: Omit<StripeOptions, 'webhookSecrets'>): Stripe {
  return new Stripe(secretKey, {
    ...(apiBase === null ? {} : addressOf(apiBase)),
    timeout: timeoutMilliseconds,
    maxNetworkRetries: networkRetries,
    telemetry: false,
  });
}

function addressOf(apiBase: string) {
  const { protocol, hostname, port } = new URL(apiBase);
  const secure = protocol === 'https:';
  return {
    protocol: secure ? ('https' as const) : ('http' as const),
    host: hostname,
    port: port || (secure ? 443 : 80),
  };
}

/** Says Stripe's errors in our words. Its messages name no secret. */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw translated(error);
  }
}

/** The answer, or `null` where Stripe knows no such thing. */
export async function askingFor<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isMissing(error)) return null;
    throw translated(error);
  }
}

/** Whether Stripe knows no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';
}

function translated(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { statusCode = 0, requestId } = error;
  const said = `stripe: ${error.message}${requestId ? ` (request ${requestId})` : ''}`;
  // Its keys are for people to mend; what waits for it is tried again until they have.
  const isOurKey = statusCode === 401 || statusCode === 403;
  const passes = statusCode === 0 || statusCode === 409 || statusCode === 429 || statusCode >= 500;
  return isOurKey || passes
    ? new BillingUnavailable(said, { cause: error })
    : new BillingRefused(said, { cause: error });
}
