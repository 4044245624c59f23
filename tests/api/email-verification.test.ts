import { expect, test } from 'vitest';
import { UserToken } from '../../src/db/entities/session.ts';
import { User } from '../../src/db/entities/user.ts';
import { aRegistration, mailTo, openWorld } from '../support/world.ts';
import { tokenIn } from '../support/mails.ts';
import { auditOf } from './answers.ts';
import { aVerificationToken } from './people.ts';

const world = await openWorld();

const verify = (token: string) => world.send('/api/auth/verify-email', { body: { token } });

test('the mailed link verifies its address once', async () => {
  const { email, tenant } = await aRegistration(world);
  const token = tokenIn(await mailTo(world, email, /confirm/i));

  const first = await verify(token);
  const second = await verify(token);

  expect(first.body).toMatchObject({ user: { email, emailVerified: true }, tenant: { id: tenant.id } });
  expect(second.status).toBe(401);
  expect(second.body).toMatchObject({
    reason: 'INVALID_CREDENTIALS',
    detail: 'this link or code is not valid any more',
  });
  expect((await auditOf(world, tenant.id)).filter((action) => action === 'user.email_verified')).toHaveLength(
    1,
  );
});

test('of two clicks at once one verifies', async () => {
  const token = await aVerificationToken(world, await aRegistration(world));

  const answers = await Promise.all([verify(token), verify(token)]);

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
});

test('a link that is a day old verifies nothing', async () => {
  const registered = await aRegistration(world);
  const { tenant, accessToken } = registered;
  const token = await aVerificationToken(world, registered);
  await world.inTenant(tenant.id, ({ em }) =>
    em.nativeUpdate(UserToken, { tenantId: tenant.id }, { expiresAt: new Date() }),
  );

  expect((await verify(token)).status).toBe(401);
  expect((await world.send('/api/auth/me', { token: accessToken })).body.user.emailVerified).toBe(false);
});

test('a link is good for the address it was mailed to, not for the one the user has now', async () => {
  const registered = await aRegistration(world);
  const { tenant, user } = registered;
  const token = await aVerificationToken(world, registered);
  await world.inTenant(tenant.id, ({ em }) =>
    em.nativeUpdate(
      User,
      { tenantId: tenant.id, id: user.id },
      { email: 'new@mail.example', emailKey: 'new@mail.example' },
    ),
  );

  expect((await verify(token)).status).toBe(401);
});

test('a link of one tenant opens nothing in another', async () => {
  const mine = await aRegistration(world);
  const other = await aRegistration(world);
  const token = await aVerificationToken(world, mine);
  const foreign = Buffer.from(token.slice('ve_'.length), 'base64url');
  foreign.set(Buffer.from(other.tenant.id.replaceAll('-', ''), 'hex'));

  expect((await verify(`ve_${foreign.toString('base64url')}`)).status).toBe(401);
  expect((await verify(token)).status).toBe(200);
});

test.each([['nonsense'], [''], [`ve_${Buffer.alloc(48, 1).toString('base64url')}`]])(
  'the token %j is not valid',
  async (token) => {
    const { status, body } = await verify(token);

    expect(status).toBe(401);
    expect(body.reason).toBe('INVALID_CREDENTIALS');
  },
);
