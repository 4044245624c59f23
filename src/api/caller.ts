import { authenticateOperator } from '../actions/operations/operators.ts';
import type { Actor } from '../domain/actors.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Database, Entry } from '../db/scope.ts';
import type { SessionTokens } from './session-tokens.ts';

/** Who calls: an operator, or somebody with a session of a tenant, to be read anew when its scope opens. */
export type Caller =
  | { kind: 'operator'; actor: Actor }
  | { kind: 'session'; tenantId: string; sessionId: string };

/** The bearer token of a request (RFC 6750 §2.1), or `null`. */
export function bearerToken(authorization: string | null | undefined): string | null {
  return /^Bearer +([A-Za-z0-9\-._~+/]{1,4096}=*) *$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** Says who calls, or refuses with `INVALID_CREDENTIALS`. */
export async function identifyCaller(
  { db, sessionTokens }: { db: Database; sessionTokens: SessionTokens },
  entry: Entry,
  authorization: string | null | undefined,
): Promise<Caller> {
  const token = bearerToken(authorization);
  if (token === null) throw new Refusal('INVALID_CREDENTIALS', 'send a bearer token in Authorization');
  if (token.split('.').length === 3) {
    const claims = await sessionTokens.verify(entry, token);
    if (claims) return { kind: 'session', tenantId: claims.tid, sessionId: claims.sid };
  }
  const actor = await authenticateOperator(db, token, entry.now);
  if (!actor) throw new Refusal('INVALID_CREDENTIALS', 'this token is not valid, or not any more');
  return { kind: 'operator', actor };
}
