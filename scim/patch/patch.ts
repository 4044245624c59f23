import { type UserAttributes, hasSameAttributes } from '../../src/domain/user-attributes.ts';
import { applyEdit } from './edit.ts';
import { type EditContext, readObjectEdits, readPathEdits } from './edit-reader.ts';
import { badRequest } from '../errors.ts';
import { readField } from '../request-body.ts';
import { requireStorableText } from '../resource/storable-text.ts';
import { toDocument, toUserAttributes } from '../resource/user-document.ts';
import { userType } from '../schema/resource-types.ts';

/** One operation of a PATCH as it was sent; `path` null means that `value` names the attributes. */
export type PatchOperation = {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string | null;
  readonly value: unknown;
};

const maxOperations = 10_000;
const maxUserOperations = 200;

/**
 * Reads the body of a PATCH (RFC 7644 §3.5.2). Names and verbs are read without case, as Entra sends
 * "Replace". 400 invalidSyntax for anything else than a list of operations, noTarget for a remove of nothing.
 */
export function readPatch(body: unknown): PatchOperation[] {
  requireStorableText(body);
  const operations = readField(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', 'a PATCH body has a list of Operations, at least one');
  }
  if (operations.length > maxOperations) {
    throw badRequest('tooMany', `a PATCH has at most ${maxOperations} operations`);
  }
  return operations.map(readOperation);
}

function readOperation(operation: unknown): PatchOperation {
  const sent = readField(operation, 'op');
  const op = typeof sent === 'string' ? sent.toLowerCase() : '';
  if (op !== 'add' && op !== 'replace' && op !== 'remove') {
    throw badRequest('invalidSyntax', 'the op of an operation is add, replace or remove');
  }
  const path = readField(operation, 'path') ?? null;
  const value = readField(operation, 'value');
  if (path !== null && typeof path !== 'string') throw badRequest('invalidPath', 'a path is a string');
  if (path === null && op === 'remove') throw badRequest('noTarget', 'a remove needs a path');
  if (value === undefined && op !== 'remove') throw badRequest('invalidValue', `an ${op} needs a value`);
  return { op, path, value };
}

/**
 * Applies all operations in their order, each on the outcome of the one before, or none: `current` is never
 * touched. `changed` is whether the outcome differs; `normalized` lists the leniencies that were needed.
 * Refuses with the keywords of RFC 7644 §3.5.2, among them mutability, invalidPath, noTarget, invalidValue.
 */
export function applyPatch(
  current: UserAttributes,
  operations: readonly PatchOperation[],
): { next: UserAttributes; changed: boolean; normalized: string[] } {
  if (operations.length > maxUserOperations) {
    throw badRequest('tooMany', `a PATCH of a user has at most ${maxUserOperations} operations`);
  }
  const context: EditContext = { type: userType, notes: new Set() };
  const document = toDocument(current);
  for (const { op, path, value } of operations) {
    const edits =
      path === null ? readObjectEdits({ op, value }, context) : readPathEdits({ op, path, value }, context);
    for (const edit of edits) applyEdit(document, edit, context.notes);
  }
  const next = toUserAttributes(document, context.notes);
  return { next, changed: !hasSameAttributes(current, next), normalized: [...context.notes] };
}
