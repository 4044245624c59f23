import { createHmac, randomUUID } from 'node:crypto';
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { aRegistration, openWorld, type Session } from '../support/world.ts';

const world = await openWorld();
const jwks = new URL(`${world.url}/.well-known/jwks.json`);

let session: Session;
beforeAll(async () => {
  session = await aRegistration(world);
});

const statusOfMe = async (token: string) => (await world.send('/api/auth/me', { token })).status;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token like the real one, signed by a key of the attacker's. */
async function forge({
  header = {},
  claims = {},
}: { header?: object; claims?: object } = {}): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new SignJWT({ ...decodeJwt(session.accessToken), ...claims })
    .setProtectedHeader({ ...decodeProtectedHeader(session.accessToken), alg: 'EdDSA', ...header })
    .sign(privateKey);
}

test('the published keys verify an access token', async () => {
  const { payload, protectedHeader } = await jwtVerify(session.accessToken, createRemoteJWKSet(jwks), {
    issuer: world.url,
    audience: world.url,
    algorithms: ['EdDSA'],
    typ: 'at+jwt',
  });

  expect(payload).toMatchObject({ sub: session.user.id, tid: session.tenant.id });
  expect(protectedHeader.kid).toMatch(/^[\w-]{43}$/);
});

test('the key set holds public keys alone and may be cached for less than the hour a key is known ahead', async () => {
  const { body, headers } = await world.send('/.well-known/jwks.json');

  expect(body.keys).toHaveLength(1);
  expect(Object.keys(body.keys[0]).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
});

test('a token of a foreign key is refused, also under our key’s name', async () => {
  expect(await statusOfMe(await forge())).toBe(401);
  expect(await statusOfMe(await forge({ header: { kid: 'unknown' } }))).toBe(401);
  const { kid: _, ...unnamed } = decodeProtectedHeader(session.accessToken);
  expect(await statusOfMe(await forge({ header: { ...unnamed, kid: undefined } }))).toBe(401);
});

test('a token without a signature is refused', async () => {
  const claims = decodeJwt(session.accessToken);

  for (const alg of ['none', 'None', 'NONE']) {
    expect(await statusOfMe(`${encode({ alg, typ: 'at+jwt' })}.${encode(claims)}.`)).toBe(401);
    expect(await statusOfMe(`${encode({ alg, typ: 'at+jwt' })}.${encode(claims)}.AAAA`)).toBe(401);
  }
});

test('the public key is no secret to sign with (algorithm confusion)', async () => {
  const { body } = await world.send('/.well-known/jwks.json');
  const [key] = body.keys;
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${encode(decodeJwt(session.accessToken))}`;

  for (const secret of [Buffer.from(key.x, 'base64url'), JSON.stringify(key), key.x]) {
    expect(
      await statusOfMe(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`),
    ).toBe(401);
  }
});

test('a key inside the token’s own header is not believed', async () => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(publicKey);
  const token = await new SignJWT(decodeJwt(session.accessToken))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'mine', jwk })
    .sign(privateKey);

  expect((await jwtVerify(token, publicKey)).payload.sub).toBe(session.user.id);
  expect(await statusOfMe(token)).toBe(401);
});

test('changed claims break the signature', async () => {
  const [head, , signature] = session.accessToken.split('.');
  const claims = encode({ ...decodeJwt(session.accessToken), tid: randomUUID() });

  expect(await statusOfMe(`${head}.${claims}.${signature}`)).toBe(401);
});

test('a token of another service is refused here', async () => {
  const elsewhere = await world.another();
  const answer = await fetch(`${elsewhere.url}/api/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: (await aRegistration(world)).refreshToken }),
  });
  const { accessToken }: Session = await answer.json();

  // The same database and keys, but another issuer and audience (its URL differs).
  expect(await statusOfMe(accessToken)).toBe(401);
});
