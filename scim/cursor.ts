import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Position } from '../src/db/directory/page-sql.ts';
import type { TenantScope } from '../src/db/scope.ts';
import { actorId } from '../src/domain/actors.ts';
import { badRequest } from './errors.ts';
import { defaultCount, maxResults, readWholeNumber } from './list.ts';

/** How long a cursor lasts: each page gives a new one. */
export const cursorTimeoutSeconds = 3600;

const cursorBody = z.object({
  after: z.object({ key: z.string().nullable(), id: z.uuid() }),
  count: z.int(),
  total: z.int(),
  query: z.string(),
  expires: z.int(),
});

/** Where a walk goes on, and how many resources it had when it began; both null at its beginning. */
export type Walk = { readonly after: Position | null; readonly total: number | null; readonly count: number };

/**
 * Reads `cursor` and `count` (RFC 9865 §2); null where no cursor is asked for. A cursor is of one tenant, one token, one
 * query and one page size: 400 invalidCursor for any other, expiredCursor after its time, invalidCount for another size.
 * Where a later request leaves `count` out, it stays.
 */
export function readCursor(scope: TenantScope, query: URLSearchParams, digest: string): Walk | null {
  const text = query.get('cursor');
  if (text === null) return null;
  if (query.has('startIndex')) {
    throw badRequest('invalidValue', 'cursor and startIndex cannot be given together');
  }
  const asked = readWholeNumber(query, 'count');
  if (asked !== undefined && asked > maxResults) {
    throw badRequest('invalidCount', `count must be between 0 and ${maxResults}`);
  }
  const count = asked === undefined ? undefined : Math.max(0, asked);
  if (text === '') return { after: null, total: null, count: count ?? defaultCount };
  const cursor = openCursor(scope, text);
  if (cursor === null || cursor.query !== digest) {
    throw badRequest('invalidCursor', 'the cursor is not one that this query has given');
  }
  if (cursor.expires < scope.now.getTime()) throw badRequest('expiredCursor', 'the cursor has expired');
  if (count !== undefined && count !== cursor.count) {
    throw badRequest('invalidCount', 'count must be that of the first request');
  }
  return cursor;
}

/** The cursor of the next page: unreadable, and accepted back by nobody else. */
export function writeCursor(scope: TenantScope, walk: Walk & { total: number }, digest: string): string {
  const expires = scope.now.getTime() + cursorTimeoutSeconds * 1000;
  return scope.key.seal(JSON.stringify({ ...walk, query: digest, expires }), contextOf(scope));
}

/** What a list asks for beside its page, in short. */
export function digestQuery(resource: string, query: URLSearchParams): string {
  const asked = ['filter', 'sortBy', 'sortOrder'].map((name) => query.get(name));
  return createHash('sha256')
    .update(JSON.stringify([resource, ...asked]))
    .digest('base64url');
}

function openCursor(scope: TenantScope, text: string): z.infer<typeof cursorBody> | null {
  try {
    return cursorBody.parse(JSON.parse(scope.key.openText(text, contextOf(scope))));
  } catch {
    return null; // Forged, of another tenant or token: what it was is not told.
  }
}

function contextOf({ actor }: TenantScope): string {
  return `scim.cursor:${actorId(actor) ?? actor.kind}`;
}
