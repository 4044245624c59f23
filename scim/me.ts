import type { Context } from 'hono';
import { readOwnRecord } from '../src/actions/people/me.ts';
import { Refusal } from '../src/domain/refusal.ts';
import type { Database, Entry } from '../src/db/scope.ts';
import type { Answer } from './endpoint.ts';
import { ProtocolError } from './errors.ts';
import { isKnown, readPreconditions } from './preconditions.ts';
import { readProjection } from './resource/projection.ts';
import { locateUser, toEntityTag, toUserResource } from './resource/user-resource.ts';
import { userType } from './schema/resource-types.ts';

/** How people are known, who sign in themselves and not through their directory. */
export type People = {
  /** Whose session an access token is of; `null` for any other token. */
  findSession(
    entry: Omit<Entry, 'actor'>,
    token: string,
  ): Promise<{ tenantId: string; sessionId: string } | null>;
  /** Opens their scope, and counts that they called. */
  db: Pick<Database, 'inSession'>;
};

type Asked = { entry: Omit<Entry, 'actor'>; slug: string; token: string; baseUrl: string };

/**
 * `/Me` for the access token of a person (RFC 7644 §3.11): their own user, to be read and not to be changed, which
 * is 501. `null` for any other token, since a directory is no user.
 */
export async function answerPerson(
  people: People,
  { entry, slug, token, baseUrl }: Asked,
  { method, url, raw }: Context['req'],
): Promise<Answer | null> {
  const session = await people.findSession(entry, token);
  if (!session) return null;
  const projection = readProjection(userType, new URL(url).searchParams);
  const preconditions = readPreconditions(raw.headers);
  const user = await people.db.inSession({ ...entry, ...session }, async (scope) => {
    if (scope.tenant.slug !== slug) {
      throw new Refusal('INVALID_CREDENTIALS', 'send a valid token of this tenant in Authorization');
    }
    if (method === 'GET' || method === 'HEAD') return readOwnRecord(scope);
    throw new ProtocolError(501, 'at /Me people read what their directory knows of them, and change nothing');
  });
  // RFC 7644 §3.11: Location is where the user is found for good.
  const headers = { location: locateUser(user.id, baseUrl), etag: toEntityTag(user.version) };
  if (isKnown(preconditions, user.version)) return { status: 304, headers };
  return { status: 200, headers, body: toUserResource(user, { baseUrl, projection }) };
}
