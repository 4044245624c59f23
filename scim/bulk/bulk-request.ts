import { badRequest, ProtocolError } from '../errors.ts';
import { readField } from '../request-body.ts';

/** The most operations one request holds; `bulk.maxOperations` announces it. */
export const maxOperations = 1000;

/** One operation as it was sent: what has the wrong type is like what is absent, and is refused when its turn comes. */
export type BulkOperation = {
  readonly method: string;
  readonly bulkId: string | null;
  readonly path: string;
  readonly version: unknown;
  readonly data: unknown;
};

/** How many operations may fail before the rest is left, and what is to be done. */
export type BulkRequest = { readonly failOnErrors: number; readonly operations: readonly BulkOperation[] };

/** Reads a BulkRequest (RFC 7644 §3.7). Over `maxOperations` is 413 (§3.7.4), what is no request 400. */
export function readBulk(body: unknown): BulkRequest {
  const operations = readField(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', 'a bulk request has a list of Operations, at least one');
  }
  if (operations.length > maxOperations) {
    throw new ProtocolError(413, `a bulk request has at most ${maxOperations} operations (maxOperations)`);
  }
  const failOnErrors = readField(body, 'failonerrors') ?? operations.length + 1;
  if (!isCount(failOnErrors)) {
    throw badRequest('invalidValue', 'failOnErrors is a whole number from 1');
  }
  return { failOnErrors, operations: operations.map(readOperation) };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1;
}

function readOperation(operation: unknown): BulkOperation {
  const readText = (name: string) => {
    const value = readField(operation, name);
    return typeof value === 'string' ? value : null;
  };
  return {
    method: readText('method') ?? '',
    bulkId: readText('bulkid'),
    path: readText('path') ?? '',
    version: readField(operation, 'version'),
    data: readField(operation, 'data'),
  };
}
