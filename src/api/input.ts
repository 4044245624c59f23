import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';

/** The largest body of `/api` and `/trpc`. */
const mostBodyBytes = 1_000_000;

/** A body over the limit; each entry point says it in its own format. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Another version of a thing than a request meant (RFC 9110 §15.5.13). */
export class PreconditionFailed extends Error {
  override readonly name = 'PreconditionFailed';
}

/** Refuses a larger body by what it says of itself, and by what arrives. */
export const limitBody = bodyLimit({
  maxSize: mostBodyBytes,
  onError: () => {
    throw new BodyTooLarge(`the body is larger than ${mostBodyBytes} bytes`);
  },
});

/** What is wrong with an input, field by field, in one sentence. */
export function invalidInput(error: z.ZodError): Refusal {
  const sentences = error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  return new Refusal('INVALID_INPUT', sentences.join('; '), {
    fields: error.issues.map(({ path }) => path.join('.')),
  });
}
