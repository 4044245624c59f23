import { decodeJwt, decodeProtectedHeader, generateSecret, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import {
  createAccessTokens,
  createSigningKeyPair,
  importSigningKey,
  importVerificationKeys,
} from '../../src/infra/access-tokens.ts';

const tokens = createAccessTokens({ issuer: 'https://id.example.com' });
const claims = { sub: 'user-1', tid: 'tenant-1', sid: 'session-1' };
const now = new Date('2026-03-01T12:00:00Z');
const pair = await createSigningKeyPair();
const signingKey = await importSigningKey(pair.privateKey);
const keys = await importVerificationKeys([pair.publicJwk]);

test('a signed token tells its claims to whoever has the public key', async () => {
  const token = await tokens.sign(claims, signingKey, now);

  expect(await tokens.verify(token, keys, now)).toEqual(claims);
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: pair.id });
  expect(decodeJwt(token)).toMatchObject({
    iss: 'https://id.example.com',
    aud: 'https://id.example.com',
    iat: now.getTime() / 1000,
    exp: now.getTime() / 1000 + 300,
  });
});

test('a token is good for five minutes, and five seconds of another clock', async () => {
  const token = await tokens.sign(claims, signingKey, now);
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);

  expect(await tokens.verify(token, keys, after(304))).toEqual(claims);
  expect(await tokens.verify(token, keys, after(305))).toBeNull();
});

test('a changed, foreign or unsigned token is null', async () => {
  const token = await tokens.sign(claims, signingKey, now);
  const [header, payload, signature] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ ...decodeJwt(token), tid: 'tenant-2' })).toString('base64url');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: pair.id })).toString(
    'base64url',
  );
  const symmetric = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: pair.id })
    .setExpirationTime('1h')
    .sign(await generateSecret('HS256'));

  for (const bad of ['', 'x', `${header}.${forged}.${signature}`, `${none}.${payload}.`, symmetric]) {
    expect(await tokens.verify(bad, keys, now)).toBeNull();
  }
});

test('a token of another key, issuer or kind is null', async () => {
  const other = await importSigningKey((await createSigningKeyPair()).privateKey);
  const elsewhere = createAccessTokens({ issuer: 'https://elsewhere.example.com' });
  const otherKind = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: pair.id })
    .setIssuer('https://id.example.com')
    .setAudience('https://id.example.com')
    .setIssuedAt(now)
    .setExpirationTime(new Date(now.getTime() + 60_000))
    .sign(signingKey.privateKey);

  expect(await tokens.verify(await tokens.sign(claims, other, now), keys, now)).toBeNull();
  expect(await tokens.verify(await elsewhere.sign(claims, signingKey, now), keys, now)).toBeNull();
  expect(await tokens.verify(otherKind, keys, now)).toBeNull();
});

test('after a rotation tokens of the key before still verify, and of a dropped one no more', async () => {
  const next = await createSigningKeyPair();
  const token = await tokens.sign(claims, signingKey, now);

  expect(
    await tokens.verify(token, await importVerificationKeys([next.publicJwk, pair.publicJwk]), now),
  ).toEqual(claims);
  expect(await tokens.verify(token, await importVerificationKeys([next.publicJwk]), now)).toBeNull();
});

test('the public key holds nothing of the private one', () => {
  expect(pair.publicJwk).toEqual({
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    use: 'sig',
    kid: pair.id,
    x: expect.any(String),
  });
  expect(JSON.parse(pair.privateKey)).toEqual({ ...pair.publicJwk, d: expect.any(String) });
});

test('a public key is not taken for a private one, nor a key of another kind for ours', async () => {
  await expect(importSigningKey(JSON.stringify(pair.publicJwk))).rejects.toThrow();
  await expect(importVerificationKeys([{ ...pair.publicJwk, crv: 'X25519' }])).rejects.toThrow();
});
