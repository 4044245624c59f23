import { readSigningKeys } from '../actions/operations/signing-keys.ts';
import type { SessionGrant } from '../actions/people/sessions.ts';
import type { Database, Entry } from '../db/scope.ts';
import type { Activity } from './activity.ts';
import type { AccessClaims, AccessTokens, SigningKey, VerificationKeys } from '../infra/access-tokens.ts';

/** How the roof lets this entry point read keys and tokens. */
export type TokenCodec = {
  tokens: AccessTokens;
  importSigningKey(privateKey: string): Promise<SigningKey>;
  importVerificationKeys(publicJwks: readonly unknown[]): Promise<VerificationKeys>;
};

type KeySet = {
  jwks: readonly Record<string, unknown>[];
  verification: VerificationKeys;
  signing: readonly { key: SigningKey; signsFrom: Date }[];
  readAt: Date;
};

/** Keys are published an hour before they sign, so a set this old still knows every key in use. */
const keySetMilliseconds = 60_000;

/** What a client gets for a session. */
export type SessionAnswer = Omit<SessionGrant, 'sessionId' | 'userId' | 'tenantId' | 'tenantNow'> & {
  accessToken: string;
  tokenType: 'Bearer';
  expiresIn: number;
};

type SessionTokenParts = { db: Database; codec: TokenCodec; activity: Activity };

/** Makes and reads the access tokens of sessions, with keys that all processes share. */
export function createSessionTokens({ db, codec, activity }: SessionTokenParts) {
  let current: KeySet | null = null;

  async function read(entry: Entry): Promise<KeySet> {
    if (current && entry.now.getTime() - current.readAt.getTime() < keySetMilliseconds) return current;
    const keys = await db.asControlPlane(entry, readSigningKeys);
    const jwks = keys.map(({ publicJwk }) => publicJwk);
    const signing = await Promise.all(
      keys.map(async ({ privateKey, signsFrom }) => ({
        key: await codec.importSigningKey(privateKey),
        signsFrom,
      })),
    );
    current = { jwks, verification: await codec.importVerificationKeys(jwks), signing, readAt: entry.now };
    return current;
  }

  return {
    /** The public keys that access tokens are verified with (RFC 7517 §5). */
    async jwks(entry: Entry) {
      return { keys: (await read(entry)).jwks };
    },

    /** The answer to a sign-in or a refresh, which is a use of the tenant: tokens, user, tenant. */
    async issue(entry: Entry, grant: SessionGrant): Promise<SessionAnswer> {
      await activity.note(entry, grant);
      const { signing } = await read(entry);
      const key = signing.findLast(({ signsFrom }) => signsFrom <= entry.now)?.key;
      if (!key) throw new Error('there is no key to sign access tokens with');
      const claims = { sub: grant.userId, tid: grant.tenantId, sid: grant.sessionId };
      const accessToken = await codec.tokens.sign(claims, key, entry.now);
      const { refreshToken, user, tenant } = grant;
      return {
        accessToken,
        refreshToken,
        tokenType: 'Bearer',
        expiresIn: codec.tokens.lifetimeSeconds,
        user,
        tenant,
      };
    },

    /** Whose session a token is of, or `null`; whether that session still lives is read from the database. */
    async verify(entry: Entry, token: string): Promise<AccessClaims | null> {
      return codec.tokens.verify(token, (await read(entry)).verification, entry.now);
    },
  };
}
export type SessionTokens = ReturnType<typeof createSessionTokens>;
