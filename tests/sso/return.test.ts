import { expect, test } from 'vitest';
import { readLoginUrl } from '../support/identity-provider.ts';
import { openWorld } from '../support/world.ts';
import { readReturnTarget, writeReturnUrl } from '../../sso/return-target.ts';
import { aBrowser, locationOf } from './browser.ts';
import { aPartnership, beginSignIn, signIn, traceOf } from './partnership.ts';

const places = {
  publicUrl: 'https://t.example',
  appUrl: 'https://app.example',
  allowedOrigins: ['https://two.example', 'http://localhost:5173'],
};

test.each([
  ['/projects', 'https://app.example/projects'],
  ['/', 'https://app.example/'],
  ['/a b?x=1&y=%2F#part', 'https://app.example/a%20b?x=1&y=%2F#part'],
  ['/.//evil.example', 'https://app.example//evil.example'],
  ['/%2F%2Fevil.example', 'https://app.example/%2F%2Fevil.example'],
  ['/@evil.example', 'https://app.example/@evil.example'],
  ['https://app.example/deep', 'https://app.example/deep'],
  ['HTTPS://TWO.example', 'https://two.example/'],
  ['http://localhost:5173/x', 'http://localhost:5173/x'],
])('%s leads to %s', (wanted, url) => {
  expect(readReturnTarget(wanted, places)?.href).toBe(url);
});

const forbidden = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\u0000/x',
  ' //evil.example',
  'https://evil.example',
  'https://app.example.evil.example',
  'https://app.example@evil.example',
  'https://user:pw@app.example/',
  'https:evil.example',
  'https:/app.example',
  'https:///evil.example',
  'http://app.example/',
  'https://app.example:444/',
  'https://t.example/signed-in',
  'javascript:alert(1)',
  'data:text/html,x',
  'projects',
  '?x',
  '#x',
  '.',
  'ftp://app.example/',
  '/\ud800',
  `/${'x'.repeat(2000)}`,
];

test.each(forbidden)('%j leads nowhere', (wanted) => {
  expect(readReturnTarget(wanted, places)).toBeNull();
});

test('without an application, paths are of this service', () => {
  expect(readReturnTarget('/signed-in', { ...places, appUrl: null })?.href).toBe(
    'https://t.example/signed-in',
  );
});

test('what was asked for at the beginning decides, then the RelayState, then the start of the application', () => {
  const code = 'c';

  const urls = [
    writeReturnUrl({ stored: '/a', relayState: '/b', code }, places),
    writeReturnUrl({ stored: null, relayState: '/b?x=1#y', code }, places),
    writeReturnUrl({ stored: null, relayState: '//evil.example', code }, places),
    writeReturnUrl({ stored: 'https://gone.example', relayState: '/b', code }, places),
    writeReturnUrl({ stored: null, relayState: null, code }, { ...places, appUrl: null }),
    writeReturnUrl({ stored: '/a?code=forged', relayState: null, code }, places),
  ];

  expect(urls).toEqual([
    'https://app.example/a?code=c',
    'https://app.example/b?x=1&code=c#y',
    'https://app.example/?code=c',
    'https://app.example/?code=c',
    'https://t.example/signed-in?code=c',
    'https://app.example/a?code=c',
  ]);
});

const world = await openWorld({
  env: { APP_URL: 'https://app.example', ALLOWED_ORIGINS: 'https://two.example' },
});
const partnership = await aPartnership(world);

test.each(['returnTo', 'RelayState'])(
  'a target given as %s goes to the identity provider and is where the code arrives',
  async (name) => {
    const { login, post } = await beginSignIn(partnership, { query: { [name]: '/projects?x=1' } });
    const answer = await post();

    expect(readLoginUrl(locationOf(login).href).relayState).toBe('/projects?x=1');
    expect(locationOf(answer).href).toMatch(/^https:\/\/app\.example\/projects\?x=1&code=[\w.-]+$/);
  },
);

test('a long target stays here, and is reached all the same', async () => {
  const target = `/${'x'.repeat(200)}`;

  const { login, post } = await beginSignIn(partnership, { query: { returnTo: target } });

  expect(readLoginUrl(locationOf(login).href).relayState).toBeNull();
  expect(locationOf(await post()).pathname).toBe(target);
});

test.each([
  '//evil.example',
  'https://evil.example/',
  'x'.repeat(500),
  '<script>',
  '\u{1f600}',
  '',
  'https://two.example/in',
])('a RelayState of %j that nobody asked for never leads away', async (relayState) => {
  const { browser, acsUrl, form } = await beginSignIn(partnership);

  const answer = await browser.post(acsUrl, { ...form, RelayState: relayState });

  expect(answer.status).toBe(303);
  expect(['https://app.example', 'https://two.example']).toContain(locationOf(answer).origin);
});

test('a RelayState that came back changed is not followed', async () => {
  const { browser, acsUrl, form } = await beginSignIn(partnership, { query: { returnTo: '/mine' } });

  const answer = await browser.post(acsUrl, { ...form, RelayState: '/theirs' });

  expect(locationOf(answer).pathname).toBe('/mine');
});

test.each(['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)'])(
  'a sign-in that is to end at %s does not begin',
  async (returnTo) => {
    const answer = await aBrowser().get(
      `${partnership.connection.loginUrl}?${new URLSearchParams({ returnTo })}`,
    );

    await traceOf(partnership, answer, 'relay_state_invalid');
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
  },
);

test("a tenant's own redirect origins are allowed to it alone", async () => {
  const own = await aPartnership(world);
  await world.operator.tenants.update.mutate({
    tenantId: own.tenant.id,
    settings: { redirectOrigins: ['https://own.example'] },
  });
  const query = { returnTo: 'https://own.example/start' };

  const answer = await signIn(own, { query });
  const elsewhere = await aBrowser().get(`${partnership.connection.loginUrl}?${new URLSearchParams(query)}`);

  expect(locationOf(answer).href).toMatch(/^https:\/\/own\.example\/start\?code=/);
  await traceOf(partnership, elsewhere, 'relay_state_invalid');
});
