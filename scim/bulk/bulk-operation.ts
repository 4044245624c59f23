import type { Answer, Route, ScimCall } from '../endpoint.ts';
import { badRequest, type ScimError } from '../errors.ts';
import { readPreconditions } from '../preconditions.ts';
import type { BulkOperation } from './bulk-request.ts';
import { findTarget } from './bulk-target.ts';

/** What became of one operation. A resource may be there though the operation failed. */
export type Outcome = {
  readonly status: number;
  readonly answer: Answer | null;
  readonly error: ScimError | null;
} & (
  | { readonly id: string; readonly location: string }
  | { readonly id: null; readonly location: string | null }
);

/** Sends an operation, its references resolved, to the endpoint of its path, in a transaction of its own. */
export async function sendOperation(
  call: ScimCall,
  routes: readonly Route[],
  { method, path, version, data }: BulkOperation,
): Promise<Outcome> {
  const { endpoint, id, collection, query } = findTarget(routes, method, path);
  const preconditions = readPreconditions(new Headers(readVersion(version)));
  const answer = await call.inScope(async (scope) =>
    endpoint({ scope, baseUrl: call.baseUrl, query, id, preconditions, readBody: () => data }),
  );
  const madeId = method === 'POST' ? readId(answer) : id;
  return {
    status: answer.status,
    id: madeId,
    location: answer.headers?.['location'] ?? `${call.baseUrl}${collection}/${encodeURIComponent(madeId)}`,
    answer,
    error: null,
  };
}

/** RFC 7644 §3.7: the `version` of an operation is what `If-Match` is to a request. */
function readVersion(version: unknown): Record<string, string> {
  if (version === undefined || version === null) return {};
  if (typeof version !== 'string')
    throw badRequest('invalidValue', 'the version of an operation is a string');
  return { 'if-match': version };
}

function readId({ body }: Answer): string {
  if (body && 'id' in body && typeof body.id === 'string') return body.id;
  throw new Error('a resource that was created is answered without its id');
}
