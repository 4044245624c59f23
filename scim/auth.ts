import { authenticateScim } from '../src/actions/connections/scim-tokens.ts';
import type { Actor } from '../src/domain/actors.ts';
import { Refusal } from '../src/domain/refusal.ts';
import { isStorable } from '../src/domain/user-attributes.ts';
import type { SeenTenant } from '../src/db/round-trips/seen-tenant.ts';
import type { Database, Entry } from '../src/db/scope.ts';

/** What a directory shows: the tenant's slug in the path, and the header with its token. */
type Credentials = { slug: string; authorization: string | undefined };

/**
 * Says for which tenant a directory speaks, or refuses with `INVALID_CREDENTIALS`: alike for an unknown slug,
 * another tenant's token, an expired, a revoked or no token, after the same look-up.
 */
export async function authenticateDirectory(
  db: Database,
  entry: Omit<Entry, 'actor'>,
  { slug, authorization }: Credentials,
): Promise<{ tenantId: string; actor: Extract<Actor, { kind: 'scim' }>; seen: SeenTenant }> {
  const shown = { slug: isStorable(slug) ? slug : '', token: readToken(authorization) };
  const anonymous = { ...entry, actor: { kind: 'anonymous' } } as const;
  const found = await authenticateScim(db, shown, anonymous.now);
  if (!found) throw new Refusal('INVALID_CREDENTIALS', 'send a valid token of this tenant in Authorization');
  return { ...found, actor: { kind: 'scim', id: found.tokenId } };
}

/** The token after `Bearer` (RFC 6750 §2.1), or the whole value, which is how Okta's header authentication sends it. */
export function readToken(authorization = ''): string {
  return authorization.replace(/^\s*bearer\s+/i, '').trim();
}
