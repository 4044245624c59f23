import type { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';

/** What is wrong with an input, field by field, in one sentence. */
export function invalidInput(error: z.ZodError): Refusal {
  const sentences = error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  return new Refusal('INVALID_INPUT', sentences.join('; '), {
    fields: error.issues.map(({ path }) => path.join('.')),
  });
}
