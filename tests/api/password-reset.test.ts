import { expect, test } from 'vitest';
import { issueResetToken } from '../../src/actions/people/credentials.ts';
import { Person, PersonToken } from '../../src/db/entities/person.ts';
import { aRegistration, mailTo, openWorld, strongPassword } from '../support/world.ts';
import { recipientOf, tokenIn } from '../support/mails.ts';
import { signIn } from './answers.ts';
import { verifyAddress } from './people.ts';

const world = await openWorld();

const newPassword = 'eleven quiet lanterns over moss';
const forget = (email: string) => world.send('/api/auth/forgot-password', { body: { email } });
const reset = (token: string, password = newPassword) =>
  world.send('/api/auth/reset-password', { body: { token, password } });
const statusOfMe = async (token: string) => (await world.send('/api/auth/me', { token })).status;

/** Somebody whose address is verified. */
async function aVerified(more: { email?: string } = {}) {
  const person = await aRegistration(world, more);
  await verifyAddress(world, person);
  return person;
}

/** A token as the mail with the reset link carries it, without waiting for the mail. */
function aResetToken(email: string): Promise<string> {
  return world.db.asControlPlane(world.entry({ kind: 'system' }), async (scope) =>
    issueResetToken(scope, await scope.em.findOneOrFail(Person, { emailKey: email })),
  );
}

test('a new password ends every session of that person in every tenant, and nobody else’s', async () => {
  const first = await aVerified();
  const second = await aVerified({ email: first.email });
  const other = await aVerified();
  await forget(first.email);

  const answer = await reset(tokenIn(await mailTo(world, first.email, /password/i)));

  expect(answer.status).toBe(200);
  expect(await Promise.all([first, second, other].map(({ accessToken }) => statusOfMe(accessToken)))).toEqual(
    [401, 401, 200],
  );
  const signedIn = await Promise.all(
    [first, second].map(({ tenant }) =>
      signIn(world, first.email, { password: newPassword, tenant: tenant.slug }),
    ),
  );
  expect(signedIn.map(({ status }) => status)).toEqual([200, 200]);
  expect((await signIn(world, first.email, { password: strongPassword })).status).toBe(401);
});

test('a reset link works once, also when it is clicked twice at once, and takes every other link with it', async () => {
  const { email } = await aVerified();
  const [token, other] = [await aResetToken(email), await aResetToken(email)];

  const answers = await Promise.all([reset(token), reset(token)]);

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  expect((await reset(token)).status).toBe(401);
  expect((await reset(other)).status).toBe(401);
});

test('a weak new password is refused with a sentence, and the link stays good', async () => {
  const { email } = await aVerified();
  const token = await aResetToken(email);

  const weak = await reset(token, 'password1234');

  expect(weak.status).toBe(400);
  expect(weak.body).toMatchObject({ reason: 'INVALID_INPUT', field: 'password' });
  expect(weak.body.detail).toMatch(/^the password .+: use a longer one/);
  expect((await reset(token)).status).toBe(200);
});

test('an expired reset link changes nothing', async () => {
  const { email } = await aVerified();
  const token = await aResetToken(email);
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.nativeUpdate(PersonToken, { usedAt: null }, { expiresAt: new Date() }),
  );

  expect((await reset(token)).status).toBe(401);
  expect((await signIn(world, email)).status).toBe(200);
});

test('asking for a reset answers alike for known and unknown addresses, and only the known get a mail', async () => {
  const { email } = await aVerified();

  const [known, unknown] = await Promise.all([forget(email), forget('nobody@mail.example')]);

  expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
  expect(known.status).toBe(202);
  await mailTo(world, email, /password/i);
  expect((await world.mails()).map(recipientOf)).not.toContain('nobody@mail.example');
});

test('an address gets no more than five such mails an hour', async () => {
  const statuses = [];
  for (let time = 0; time < 6; time += 1) statuses.push((await forget('often@mail.example')).status);

  expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
});
