import { expect } from 'vitest';
import type { ScimAnswer } from '../support/scim-client.ts';

export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Expects an answer to be an error of RFC 7644 §3.12 and nothing more. */
export function expectError(answer: ScimAnswer, status: number, scimType?: string): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/scim+json');
  expect(answer.body).toEqual({
    schemas: [errorUrn],
    status: String(status),
    ...(scimType && { scimType }),
    detail: expect.stringMatching(/^[^A-Z].+/),
  });
}
