import type { ScimAnswer } from '../../support/scim-client.ts';
import type { Directory } from '../directory.ts';

/** One operation as a BulkResponse tells of it. */
export type OperationAnswer = {
  method: string;
  status: string;
  bulkId?: string;
  location?: string;
  version?: string;
  response?: { status: string; scimType?: string; detail: string };
};

/** A BulkRequest (RFC 7644 §3.7) that was answered, with what became of each operation. */
export async function sendBulk(
  { send }: Pick<Directory, 'send'>,
  operations: readonly object[],
  more: object = {},
): Promise<{ answer: ScimAnswer; done: OperationAnswer[]; statuses: string[] }> {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
  const answer = await send('POST', '/Bulk', { body: { schemas, ...more, Operations: operations } });
  const done = (answer.body['Operations'] ?? []) as OperationAnswer[];
  return { answer, done, statuses: done.map(({ status }) => status) };
}

/** The creation of a user under a bulkId. */
export function creation(bulkId: string, more: object = {}) {
  const data = { userName: `${bulkId}-${crypto.randomUUID()}`, ...more };
  return { method: 'POST', path: '/Users', bulkId, data };
}

/** The last part of a location. */
export function idAt(operation: OperationAnswer | undefined): string {
  return operation?.location?.split('/').at(-1) ?? '';
}
