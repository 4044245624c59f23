import { randomUUID } from 'node:crypto';
import type { CryptoKey, JWK } from 'jose';
import {
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { z } from 'zod';

const algorithm = 'EdDSA';
const lifetimeSeconds = 300;
/** RFC 8725 §3.11: no other kind of token that we sign can pass for an access token. */
const type = 'at+jwt';
const clockToleranceSeconds = 5;

const accessClaims = z.object({ sub: z.string().min(1), tid: z.string().min(1), sid: z.string().min(1) });

/** Who (`sub`) is signed in to which tenant (`tid`) by which session (`sid`). */
export type AccessClaims = z.infer<typeof accessClaims>;

const storedJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string().optional(),
  kid: z.string().min(1),
});

export type SigningKeyPair = { id: string; publicJwk: Record<string, unknown>; privateKey: string };

/** A key that signs, ready for use. */
export type SigningKey = { kid: string; privateKey: CryptoKey };

/** The keys that verify, by their `kid`. */
export type VerificationKeys = ReadonlyMap<string, CryptoKey>;

/** A new Ed25519 key pair: the public key as a JWK, the private one as JSON text. Its id is the thumbprint of RFC 7638. */
export async function createSigningKeyPair(): Promise<SigningKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const { kty, crv, x } = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(publicKey);
  const publicJwk = { kty, crv, x, kid: id, alg: algorithm, use: 'sig' };
  const { d } = await exportJWK(privateKey);
  return { id, publicJwk, privateKey: JSON.stringify({ ...publicJwk, d }) };
}

/** Reads the text of a private key once, for many signatures. */
export async function importSigningKey(privateKey: string): Promise<SigningKey> {
  const { kid, ...jwk } = storedJwk.required({ d: true }).parse(JSON.parse(privateKey));
  return { kid, privateKey: await importKey(jwk) };
}

/** Reads public JWKs once, for many verifications: of the current key, and of those before it not yet expired. */
export async function importVerificationKeys(publicJwks: readonly unknown[]): Promise<VerificationKeys> {
  return new Map(
    await Promise.all(
      publicJwks.map(async (publicJwk) => {
        const { kty, crv, x, kid } = storedJwk.parse(publicJwk);
        return [kid, await importKey({ kty, crv, x })] as const;
      }),
    ),
  );
}

/** Access tokens of one issuer, which is their audience too: JWTs signed with EdDSA (RFC 8037), good for five minutes. */
export function createAccessTokens({ issuer }: { issuer: string }) {
  return {
    lifetimeSeconds,

    /** Signs the claims at the moment `now`. */
    sign(claims: AccessClaims, key: SigningKey, now: Date): Promise<string> {
      const issuedAt = Math.floor(now.getTime() / 1000);
      return new SignJWT({ tid: claims.tid, sid: claims.sid })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: key.kid })
        .setSubject(claims.sub)
        .setIssuer(issuer)
        .setAudience(issuer)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .setJti(randomUUID())
        .sign(key.privateKey);
    },

    /** The claims of a token that one of these keys signed and that is in force at `now`; else null. */
    async verify(token: string, keys: VerificationKeys, now: Date): Promise<AccessClaims | null> {
      const checks = { issuer, audience: issuer, typ: type, algorithms: [algorithm], currentDate: now };
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => findKey(keys, kid), {
          ...checks,
          clockTolerance: clockToleranceSeconds,
          requiredClaims: ['exp', 'iat'],
        });
        return accessClaims.safeParse(payload).data ?? null;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

export type AccessTokens = ReturnType<typeof createAccessTokens>;

function findKey(keys: VerificationKeys, kid: string | undefined): CryptoKey {
  const key = keys.get(kid ?? '');
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key;
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new Error('a JWK is symmetric');
  return key;
}
