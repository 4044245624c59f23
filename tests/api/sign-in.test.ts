import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { type Answer } from '../support/http.ts';
import { signIn } from './answers.ts';
import { aPerson, theOwner } from './people.ts';

const world = await openWorld();

const stranger = () => `nobody-${randomUUID()}@mail.example`;
const withoutRequestId = ({ body }: Answer) => ({ ...body, requestId: null });
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

test('the right password opens a session, whatever the case of the address', async () => {
  const { email } = await aRegistration(world);

  const { status, body } = await signIn(world, ` ${email.toUpperCase()} `);

  expect(status).toBe(200);
  expect(body).toMatchObject({
    tokenType: 'Bearer',
    expiresIn: 300,
    user: { email },
    tenant: { status: 'active' },
  });
  expect((await world.send('/api/auth/me', { token: body.accessToken })).status).toBe(200);
});

test('a wrong password, an unknown address and a wrong tenant are answered word for word alike', async () => {
  const { email } = await aRegistration(world);
  const other = await aRegistration(world);

  const answers = [
    await signIn(world, email, { password: 'wrong horse battery' }),
    await signIn(world, stranger()),
    await signIn(world, email, { tenant: other.tenant.slug }),
    await signIn(world, email, { tenant: 'no-such-tenant' }),
  ];

  for (const answer of answers) {
    expect(answer.status).toBe(401);
    expect(withoutRequestId(answer)).toEqual({
      type: 'about:blank',
      title: 'Invalid credentials',
      status: 401,
      detail: 'e-mail or password is wrong',
      reason: 'INVALID_CREDENTIALS',
      requestId: null,
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  }
});

test('a wrong password takes as long as an unknown address', async () => {
  const known = await Promise.all(Array.from({ length: 3 }, () => aRegistration(world)));
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  const time = async (kind: keyof typeof times, email: string) => {
    const started = performance.now();
    await signIn(world, email, { password: 'wrong horse battery' });
    times[kind].push(performance.now() - started);
  };

  for (let round = 0; round < 10; round += 1) {
    for (const { email } of known) {
      await time('known', email);
      await time('unknown', stranger());
    }
  }

  const ratio = median(times.unknown) / median(times.known);
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});

test('after ten failures an account is closed for a while, even to the right password; others are not', async () => {
  const { email } = await aRegistration(world);
  const other = await aRegistration(world);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    expect((await signIn(world, email, { password: `wrong horse ${attempt}` })).status).toBe(401);
  }

  const wrong = await signIn(world, email, { password: 'wrong horse battery' });
  const right = await signIn(world, email);

  expect([wrong.status, right.status]).toEqual([429, 429]);
  expect(right.body).toMatchObject({ reason: 'RATE_LIMITED' });
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(800);
  expect(Number(right.headers.get('retry-after'))).toBeLessThanOrEqual(900);
  expect((await signIn(world, other.email)).status).toBe(200);
});

test('an account opens again when its window has ended', async () => {
  const { email } = await aRegistration(world);
  for (let attempt = 0; attempt < 11; attempt += 1)
    await signIn(world, email, { password: 'wrong horse battery' });
  expect((await signIn(world, email)).status).toBe(429);

  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute(`update rate_limits set expire = 1 where key like 'sign_in_account:%'`),
  );

  expect((await signIn(world, email)).status).toBe(200);
});

test('guesses that arrive at once all count', async () => {
  const { email } = await aRegistration(world);

  const answers = await Promise.all(
    Array.from({ length: 14 }, () => signIn(world, email, { password: 'wrong horse' })),
  );

  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
});

test('signing in rightly many times closes nothing', async () => {
  const { email } = await aRegistration(world);

  for (let time = 0; time < 12; time += 1) expect((await signIn(world, email)).status).toBe(200);
});

test('a deactivated user is answered like a wrong password', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');
  await owner.client.directory.users.deactivate.mutate({ userId: member.user.id });

  const { status, body } = await signIn(world, member.email);

  expect(status).toBe(401);
  expect(body.detail).toBe('e-mail or password is wrong');
});
