import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { send } from '../support/http.ts';

const world = await openWorld();

const exhausted = '203.0.113.7';

/** Signs in at a service of this database, as if through proxies. */
async function signInFrom(url: string, forwardedFor: string): Promise<number> {
  const body = { email: 'nobody@mail.example', password: 'wrong horse' };
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute(`delete from rate_limits where key like 'sign_in_account:%'`),
  );
  const answer = await send(url, '/api/auth/login', { body, headers: { 'x-forwarded-for': forwardedFor } });
  return answer.status;
}

await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
  em.execute(`insert into rate_limits (key, points, expire) values (?, 200, ?)`, [
    `sign_in_address:${exhausted}`,
    Date.now() + 600_000,
  ]),
);

test('without TRUST_PROXY nobody can say that they are somewhere else', async () => {
  expect(await signInFrom(world.url, exhausted)).toBe(401);
});

test('with TRUST_PROXY the address that the trusted proxy saw is the one that counts', async () => {
  const behindOne = await world.another({ TRUST_PROXY: '1' });

  expect(await signInFrom(behindOne.url, exhausted)).toBe(429);
  expect(await signInFrom(behindOne.url, `198.51.100.1, ${exhausted}`)).toBe(429);
  expect(await signInFrom(behindOne.url, `${exhausted}, 198.51.100.1`)).toBe(401);
  expect(await signInFrom(behindOne.url, 'not an address')).toBe(401);
});

test('TRUST_PROXY may name networks instead of hops', async () => {
  const behindLoopback = await world.another({ TRUST_PROXY: 'loopback' });
  const behindAnother = await world.another({ TRUST_PROXY: '192.0.2.0/24' });

  expect(await signInFrom(behindLoopback.url, exhausted)).toBe(429);
  expect(await signInFrom(behindAnother.url, exhausted)).toBe(401);
});
