import type { Answer, Batch, Route, ScimCall } from '../endpoint.ts';
import type { Outcome } from './bulk-operation.ts';
import { type BulkOperation, readBulk } from './bulk-request.ts';
import { runBulk } from './bulk-run.ts';

/**
 * POST /Bulk (RFC 7644 §3.7) over these routes. Each operation has a transaction, a status and, where it failed, an
 * error of its own; each is a call of the directory's budget, counted before any is done.
 */
export function createBulk(routes: readonly Route[]): Batch {
  return { batch: (call) => answerBulk(call, routes) };
}

async function answerBulk(call: ScimCall, routes: readonly Route[]): Promise<Answer> {
  // In a scope, so that a tenant which may not ask at all hears so first.
  const request = await call.inScope(async () => readBulk(call.readBody()));
  if (request.operations.length > 1) await call.countCalls(request.operations.length - 1);
  const outcomes = await runBulk(call, routes, request);
  const answers = [...outcomes.values()].flatMap(({ answer }) => answer ?? []);
  return {
    status: 200,
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
      Operations: request.operations.flatMap((operation) => {
        const outcome = outcomes.get(operation);
        return outcome ? [describe(operation, outcome)] : [];
      }),
    },
    normalized: new Set(answers.flatMap(({ normalized = [] }) => [...normalized])),
    changes: answers.flatMap(({ changes = [] }) => changes),
  };
}

/** RFC 7644 §3.7: the status is a string, a success has no body, a failure always. */
function describe({ method, bulkId }: BulkOperation, { status, location, answer, error }: Outcome): object {
  const version = answer?.headers?.['etag'];
  return {
    ...(location !== null && { location }),
    method,
    ...(bulkId !== null && { bulkId }),
    ...(version !== undefined && !error && { version }),
    status: String(status),
    ...(error && { response: error }),
  };
}
