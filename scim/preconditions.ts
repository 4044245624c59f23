import { badRequest, ProtocolError } from './errors.ts';

/** The entity tags a header names, without their quotes and `W/`, or "*" for any. */
type Tags = '*' | readonly string[];

/** Under which versions of a resource a request is meant (RFC 7644 §3.14, RFC 9110 §13.1). */
export type Preconditions = { readonly ifMatch: Tags | null; readonly ifNoneMatch: Tags | null };

/**
 * Reads `If-Match` and `If-None-Match`. What is no list of entity tags is 400 invalidValue: a condition that
 * was not understood must not let a write through.
 */
export function readPreconditions(headers: { get(name: string): string | null }): Preconditions {
  return {
    ifMatch: readTags(headers.get('if-match'), 'If-Match'),
    ifNoneMatch: readTags(headers.get('if-none-match'), 'If-None-Match'),
  };
}

// RFC 9110 §8.8.3: `etagc` is any visible character but the quote, or an octet above ASCII.
const entityTag = /^(?:W\/)?"([!#-~\u0080-\u00ff]*)"$/;

/** A comma may stand inside a tag, so the list is cut where a quote, a comma and the next tag meet. */
function readTags(value: string | null, name: string): Tags | null {
  if (value === null) return null;
  const text = value.trim();
  if (text === '*') return '*';
  const tags = text.split(/(?<="[ \t]*),(?=[ \t]*(?:W\/)?")/).map((one) => entityTag.exec(one.trim())?.[1]);
  const known = tags.filter((tag) => tag !== undefined);
  if (known.length === tags.length) return known;
  throw badRequest('invalidValue', `the header ${name} must be "*" or a list of entity tags, such as W/"3"`);
}

/**
 * 412 unless a write is meant for this version. To be asked where the row is locked, so that of two writers with
 * the same `If-Match` one succeeds. Tags compare weakly, as RFC 7644 §3.14 shows it: every tag here is weak.
 */
export function requireVersion({ ifMatch, ifNoneMatch }: Preconditions, version: number): void {
  if (ifMatch && !hasTag(ifMatch, version)) {
    throw new ProtocolError(412, 'the resource has changed: If-Match does not name its version');
  }
  if (ifNoneMatch && hasTag(ifNoneMatch, version)) {
    throw new ProtocolError(412, 'the resource is there: If-None-Match names its version');
  }
}

/** Whether a read is answered 304, since the client has this version (RFC 9110 §13.1.2); 412 as for a write. */
export function isKnown({ ifMatch, ifNoneMatch }: Preconditions, version: number): boolean {
  requireVersion({ ifMatch, ifNoneMatch: null }, version);
  return ifNoneMatch !== null && hasTag(ifNoneMatch, version);
}

function hasTag(tags: Tags, version: number): boolean {
  return tags === '*' || tags.includes(String(version));
}
