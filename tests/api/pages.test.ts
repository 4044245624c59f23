import { expect, test } from 'vitest';
import { issueInvitationToken } from '../../src/actions/people/invitations.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import {
  aRegistration,
  aTenant,
  mailTo,
  openWorld,
  strongPassword,
  type TestTenant,
} from '../support/world.ts';
import { tokenIn } from '../support/mails.ts';

const world = await openWorld({ env: { SUPPORT_EMAIL: 'help@tenantry.example' } });

const open = (path: string, token: string) => world.send(`/${path}?token=${encodeURIComponent(token)}`);
const submit = (path: string, fields: Record<string, string>) =>
  world.send(`/${path}`, {
    method: 'POST',
    raw: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const signIn = (email: string, password: string) =>
  world.send('/api/auth/login', { body: { email, password } });

/** The token of the link by which the tenant's first admin is invited. */
function anInvitation({ id, ownerEmail }: TestTenant): Promise<string> {
  return world.inTenant(id, async (scope) =>
    issueInvitationToken(
      scope,
      await scope.em.findOneOrFail(Invitation, { tenantId: id, email: ownerEmail }),
    ),
  );
}

test('the link to verify an address shows a form, as often as it is opened, and the form verifies once', async () => {
  const { email, accessToken } = await aRegistration(world);
  const mail = await mailTo(world, email);
  const token = tokenIn(mail);

  const opened = [await open('verify-email', token), await open('verify-email', token)];
  const before = await world.send('/api/auth/me', { token: accessToken });
  const done = await submit('verify-email', { token });
  const again = await submit('verify-email', { token });
  const after = await world.send('/api/auth/me', { token: accessToken });

  expect(mail.text).toContain(`${world.url}/verify-email?token=`);
  expect(opened.map(({ status }) => status)).toEqual([200, 200]);
  expect(before.body.user.emailVerified).toBe(false);
  expect([done.status, again.status]).toEqual([200, 400]);
  expect(after.body.user.emailVerified).toBe(true);
});

test('the link to reset a password sets it once, and one that is too weak may be corrected', async () => {
  const { email } = await aRegistration(world);
  await submit('verify-email', { token: tokenIn(await mailTo(world, email, /Confirm/)) });
  await world.send('/api/auth/forgot-password', { body: { email } });
  const token = tokenIn(await mailTo(world, email, /password/));
  const password = 'ten quiet otters cross the lake';

  const form = await open('reset-password', token);
  const weak = await submit('reset-password', { token, password: 'password1' });
  const done = await submit('reset-password', { token, password });
  const again = await submit('reset-password', { token, password: strongPassword });

  expect(form.text).toContain('<label for="password">');
  expect([form.status, weak.status, done.status, again.status]).toEqual([200, 400, 200, 400]);
  expect(weak.text).toContain(`value="${token}"`);
  expect(weak.text).toContain('role="alert"');
  expect(weak.text).not.toContain('password1');
  expect([(await signIn(email, password)).status, (await signIn(email, strongPassword)).status]).toEqual([
    200, 401,
  ]);
});

test('the link of an invitation makes an account with the name and password of its form', async () => {
  const tenant = await aTenant(world);
  const token = await anInvitation(tenant);

  const form = await open('accept-invitation', token);
  const without = await submit('accept-invitation', { token, name: '', password: '' });
  const done = await submit('accept-invitation', { token, name: 'Olga', password: strongPassword });
  const session = await signIn(tenant.ownerEmail, strongPassword);

  expect([form.status, without.status, done.status]).toEqual([200, 400, 200]);
  expect(done.text).toContain(`Tenant ${tenant.slug}`);
  expect(session.body).toMatchObject({ user: { name: 'Olga', email: tenant.ownerEmail } });
});

test('somebody who has set a password accepts an invitation without a new one', async () => {
  const { email, password } = { ...(await aRegistration(world)), password: 'nine small lanterns under snow' };
  await submit('verify-email', { token: tokenIn(await mailTo(world, email, /Confirm/)) });
  await world.send('/api/auth/forgot-password', { body: { email } });
  await submit('reset-password', { token: tokenIn(await mailTo(world, email, /new password/)), password });
  const slug = `x-${email.slice(5, 13)}`;
  const { id } = await world.operator.tenants.create.mutate({
    name: 'Second',
    slug,
    plan: 'enterprise',
    adminEmail: email,
  });
  const token = await anInvitation({ id, slug, ownerEmail: email });

  const done = await submit('accept-invitation', { token, name: '', password: '' });
  const session = await world.send('/api/auth/login', { body: { email, password, tenant: slug } });

  expect(done.status).toBe(200);
  expect(session.body.tenant).toMatchObject({ slug });
});

test.each(['verify-email', 'reset-password', 'accept-invitation'])(
  '%s says of any wrong token only that it is not valid',
  async (path) => {
    const { tenant } = await aRegistration(world);
    const fields = { password: strongPassword };
    const made = world.ports.tokens.create('in', tenant.id);
    const ofNobody = world.ports.tokens.create('in', '01890000-0000-7000-8000-000000000000');

    const answers = [];
    for (const token of [made, ofNobody, 'nonsense', '<script>', '\u0000'])
      answers.push(await submit(path, { ...fields, token }));

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    for (const { text } of answers) expect(text).toContain('not valid');
  },
);

test.each(['verify-email', 'reset-password', 'accept-invitation'])(
  '%s without a token, or with too much, is a page',
  async (path) => {
    const answers = [
      await world.send(`/${path}`),
      await submit(path, {}),
      await submit(path, { token: 'x'.repeat(20_000) }),
      await submit(path, { token: 'x'.repeat(1000), password: strongPassword }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 413, 400]);
    for (const { headers } of answers) expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  },
);

test('every page is small, in English, without scripts, kept nowhere and framed nowhere', async () => {
  const paths = [
    '/verify-email?token=t',
    '/reset-password?token=t',
    '/accept-invitation?token=t',
    '/signed-in?code=c',
  ];

  for (const { status, headers, text } of await Promise.all(paths.map((path) => world.send(path)))) {
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(20_000);
    expect(text).toContain('<html lang="en">');
    expect(text).toContain('help@tenantry.example');
    expect(text).not.toMatch(/<script|https?:\/\//);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'nonce-[^']+'; form-action 'self';/,
    );
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  }
});

test('a token in the address is shown as text, whatever it holds', async () => {
  const { text } = await open('verify-email', `"><script>alert(1)</script>`);

  expect(text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
});

test('the landing page of single sign-on repeats no code', async () => {
  const { text } = await world.send('/signed-in?code=ec_secret');

  expect(text).toContain('You are signed in');
  expect(text).not.toContain('ec_secret');
});
