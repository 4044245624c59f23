import { isDeepStrictEqual } from 'node:util';
import type { UserAttributes } from '../../src/domain/user-attributes.ts';
import { toDocument } from './user-document.ts';

/** The names of the attributes in which two states of a user differ; of one that was not, those that it has. */
export function nameChanges(before: UserAttributes | null, after: UserAttributes): string[] {
  const [old, next] = [before ? toDocument(before) : new Map<string, unknown>(), toDocument(after)];
  const keys = new Set([...old.keys(), ...next.keys()]);
  return [...keys].filter((key) => !isDeepStrictEqual(old.get(key), next.get(key)));
}
