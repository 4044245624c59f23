import { expect, test } from 'vitest';
import { aRegistration, mailTo, openWorld, strongPassword, tokenIn } from '../support/world.ts';

const world = await openWorld();

test('registering opens a tenant, signs its owner in and mails a link that verifies the address', async () => {
  const { email, accessToken, tenant } = await aRegistration(world);
  const verified = await world.send('/api/auth/verify-email', { body: { token: tokenIn(await mailTo(world, email)) } });
  const me = await world.send('/api/auth/me', { token: accessToken });

  expect(verified.status).toBe(200);
  expect(tenant).toMatchObject({ plan: 'free', status: 'active' });
  expect(me.body).toMatchObject({ user: { email, emailVerified: true, role: 'owner' }, accessMode: 'full' });
});

test('a slug is registered once, also when two ask at the same moment', async () => {
  const body = (email: string) => ({ email, password: strongPassword, name: 'A', tenantName: 'Same', slug: 'same-slug' });

  const answers = await Promise.all(
    ['a@one.example', 'b@two.example'].map((email) => world.send('/api/auth/register', { body: body(email) })),
  );

  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ reason: 'CONFLICT' });
});
