import { decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import {
  ensureSigningKey,
  readSigningKeys,
  rotateSigningKeys,
} from '../../src/actions/operations/signing-keys.ts';
import type { SessionGrant } from '../../src/actions/people/sessions.ts';
import { createActivity } from '../../src/api/activity.ts';
import { createSessionTokens } from '../../src/api/session-tokens.ts';
import { ensureDocumentKey, listDocumentKeys } from '../../src/actions/operations/document-keys.ts';
import { SigningKey } from '../../src/db/entities/control.ts';
import {
  createAccessTokens,
  importSigningKey,
  importVerificationKeys,
} from '../../src/infra/access-tokens.ts';
import { createLog } from '../../src/infra/log.ts';
import { aRegistration, openWorld } from '../support/world.ts';

const world = await openWorld();
const session = await aRegistration(world);

const minutes = (count: number) => count * 60_000;
const days = (count: number) => minutes(count * 24 * 60);
const start = new Date();
const at = (milliseconds: number) => ({
  ...world.entry({ kind: 'system' }),
  now: new Date(start.getTime() + milliseconds),
});
const rotateAt = (moment: number) => world.db.asControlPlane(at(moment), rotateSigningKeys);
const kidsAt = async (moment: number) =>
  (await world.db.asControlPlane(at(moment), readSigningKeys)).map(({ id }) => id);

/** The tokens of a process that has just started, so that it has no keys in its memory. */
function freshTokens() {
  const tokens = createAccessTokens({ issuer: world.url });
  return createSessionTokens({
    db: world.db,
    codec: { tokens, importSigningKey, importVerificationKeys },
    activity: createActivity({ db: world.db, log: createLog({ level: 'fatal', format: 'json' }) }),
  });
}

async function issueAt(moment: number): Promise<{ token: string; kid: string | undefined }> {
  const { user, tenant } = session;
  const grant: SessionGrant = {
    tenantId: tenant.id,
    userId: user.id,
    sessionId: '00000000-0000-4000-8000-000000000000',
    refreshToken: '',
    tenantNow: new Date(),
    user,
    tenant,
  };
  const { accessToken } = await freshTokens().issue(at(moment), grant);
  return { token: accessToken, kid: decodeProtectedHeader(accessToken).kid };
}

test('the next key is published an hour before it signs, and tokens of the key before stay good to their end', async () => {
  const [old = ''] = await kidsAt(0);
  await rotateAt(days(29));
  expect(await kidsAt(days(29))).toEqual([old]);

  const due = days(31);
  await Promise.all([rotateAt(due), rotateAt(due)]);

  const published = await kidsAt(due);
  expect(published).toHaveLength(2);
  const [, next] = published;
  expect((await issueAt(due)).kid).toBe(old);
  const last = await issueAt(due + minutes(60) - 1000);
  expect(last.kid).toBe(old);
  expect((await issueAt(due + minutes(60))).kid).toBe(next);
  const claims = await freshTokens().verify(at(due + minutes(64)), last.token);
  expect(claims).toMatchObject({ sub: session.user.id, tid: session.tenant.id });
  expect(await kidsAt(due + minutes(74))).toEqual(published);
  expect(await kidsAt(due + minutes(76))).toEqual([next]);
});

test('the published set shows the new key at once in a process that starts', async () => {
  const kids = await kidsAt(0);
  const { url } = await world.another();

  const answer = await fetch(`${url}/.well-known/jwks.json`);

  const body: { keys: { kid: string }[] } = await answer.json();
  expect(body.keys.map(({ kid }) => kid)).toEqual(kids);
  expect(kids).toHaveLength(2);
});

test('a key that has retired is forgotten, its private part too', async () => {
  await rotateAt(days(31) + minutes(90));

  const stored = await world.db.asControlPlane(at(0), ({ em }) =>
    em.find(SigningKey, { purpose: 'access_tokens' }),
  );
  expect(stored).toHaveLength(1);
  expect(stored[0]?.privateKeySealed).toMatch(/^v1\./);
  expect(stored[0]?.privateKeySealed).not.toContain('"d"');
});

async function documentKeys() {
  const answer = await fetch(`${world.url}/.well-known/document-keys.json`);
  const body: { keys: { kid: string; crv: string; d?: string }[] } = await answer.json();
  return body.keys;
}

test('the key of documents stays, signs no access token, and is published by itself', async () => {
  const before = await documentKeys();

  await rotateAt(days(70));

  expect(before).toEqual([expect.objectContaining({ crv: 'Ed25519' })]);
  expect(before[0]).not.toHaveProperty('d');
  expect(await documentKeys()).toEqual(before);
  expect(await kidsAt(days(70))).not.toContain(before[0]?.kid);
});

test('two processes that start at once end up with one key for each purpose', async () => {
  await world.db.asControlPlane(at(0), ({ em }) => em.nativeDelete(SigningKey, {}));

  await Promise.all(Array.from({ length: 4 }, () => world.db.asControlPlane(at(0), ensureSigningKey)));
  await Promise.all(Array.from({ length: 4 }, () => world.db.asControlPlane(at(0), ensureDocumentKey)));

  expect(await kidsAt(0)).toHaveLength(1);
  expect((await world.db.asControlPlane(at(0), listDocumentKeys)).keys).toHaveLength(1);
});
