import { expect, test } from 'vitest';
import { Session } from '../../src/db/entities/session.ts';
import { aRegistration, openWorld } from '../support/world.ts';
import { auditOf } from './answers.ts';

const world = await openWorld();

const refresh = (refreshToken: string) => world.send('/api/auth/refresh', { body: { refreshToken } });
const statusOfMe = async (token: string) => (await world.send('/api/auth/me', { token })).status;

test('a refresh token buys the next pair of tokens of the same session', async () => {
  const first = await aRegistration(world);

  const { status, body } = await refresh(first.refreshToken);

  expect(status).toBe(200);
  expect(body.refreshToken).not.toBe(first.refreshToken);
  expect(body.user.id).toBe(first.user.id);
  const [before, after] = await Promise.all(
    [first.accessToken, body.accessToken].map((token) => world.send('/api/auth/me', { token })),
  );
  expect(after?.body.sessionId).toBe(before?.body.sessionId);
});

test('a refresh token that is used again ends the session and kills its successor too', async () => {
  const { refreshToken, accessToken, tenant } = await aRegistration(world);
  const next = await refresh(refreshToken);

  const again = await refresh(refreshToken);

  expect(again.status).toBe(401);
  expect(again.body).toMatchObject({ reason: 'INVALID_CREDENTIALS' });
  expect((await refresh(next.body.refreshToken)).status).toBe(401);
  expect(await statusOfMe(accessToken)).toBe(401);
  expect(await statusOfMe(next.body.accessToken)).toBe(401);
  expect(await auditOf(world, tenant.id)).toContain('refresh_token.reused');
});

test('of two refreshes at once exactly one wins', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { refreshToken } = await aRegistration(world);

    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  }
});

test('a refresh goes no further than the thirty days of its session', async () => {
  const { refreshToken, tenant } = await aRegistration(world);
  const past = new Date(Date.now() - 1000);
  await world.inTenant(tenant.id, ({ em }) =>
    em.nativeUpdate(Session, { tenantId: tenant.id }, { expiresAt: past }),
  );

  const { status, body } = await refresh(refreshToken);

  expect(status).toBe(401);
  expect(body.reason).toBe('INVALID_CREDENTIALS');
});

test.each([
  ['no token at all', ''],
  ['text', 'rt_nonsense'],
  ['a token of a tenant that does not exist', `rt_${Buffer.alloc(48, 7).toString('base64url')}`],
])('%s is no refresh token', async (_, refreshToken) => {
  const { status, body } = await refresh(refreshToken);

  expect(status).toBe(401);
  expect(body.reason).toBe('INVALID_CREDENTIALS');
});

test('signing out ends the session at once, and says nothing about a token it does not know', async () => {
  const { refreshToken, accessToken, tenant } = await aRegistration(world);

  const out = await world.send('/api/auth/logout', { body: { refreshToken } });
  const unknown = await world.send('/api/auth/logout', { body: { refreshToken: 'rt_nonsense' } });

  expect([out.status, unknown.status]).toEqual([204, 204]);
  expect(await statusOfMe(accessToken)).toBe(401);
  expect((await refresh(refreshToken)).status).toBe(401);
  expect(await auditOf(world, tenant.id)).toContain('session.ended');
});
