import { expect, test } from 'vitest';
import { readLoginUrl } from '../support/identity-provider.ts';
import { openWorld } from '../support/world.ts';
import { aBrowser, locationOf } from './browser.ts';
import {
  aPartnership,
  aPerson,
  beginSignIn,
  exchange,
  idp,
  listUsers,
  readLog,
  signIn,
} from './partnership.ts';

const world = await openWorld();
const partnership = await aPartnership(world);

test('a sign-in ends with a code, and the code becomes the session of a new user', async () => {
  const person = aPerson();

  const answer = await signIn(partnership, { person });
  const session = await exchange(world, answer);
  const again = await exchange(world, answer);

  expect(answer.status).toBe(303);
  expect(locationOf(answer).href).toMatch(new RegExp(`^${world.url}/signed-in\\?code=`));
  expect(session.status).toBe(200);
  expect(session.body).toMatchObject({
    user: { email: person.email, name: 'Pat Person', role: 'member', origin: 'saml' },
    tenant: { id: partnership.tenant.id },
  });
  expect(again).toMatchObject({ status: 401, body: { reason: 'INVALID_CREDENTIALS' } });
});

test('a second sign-in is the same user, and both are in the log', async () => {
  const person = aPerson();

  await signIn(partnership, { person });
  const session = await exchange(world, await signIn(partnership, { person }));

  const users = (await listUsers(partnership)).filter(({ email }) => email === person.email);
  expect(users.map(({ id }) => id)).toEqual([session.body.user.id]);
  const log = (await readLog(partnership)).filter(({ userId }) => userId === session.body.user.id);
  expect(log).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'succeeded' }]);
  expect(log[0]?.trace).toMatchObject({
    certificates: { expected: [idp.key.sha256Fingerprint] },
    assertion: { certificate: idp.key.sha256Fingerprint, recipient: partnership.connection.acsUrl },
  });
});

test('the AuthnRequest is signed, and names this connection as published in its metadata', async () => {
  const { connection } = partnership;
  const metadata = await aBrowser().get(connection.metadataUrl);

  const login = await aBrowser().get(connection.loginUrl);

  expect(metadata.headers.get('content-type')).toBe('application/samlmetadata+xml');
  expect(metadata.text).toContain(`entityID="${connection.spEntityId}"`);
  expect(metadata.text).not.toContain('SingleLogoutService');
  expect(readLoginUrl(locationOf(login).href, metadata.text)).toMatchObject({
    acsUrl: connection.acsUrl,
    spEntityId: connection.spEntityId,
    relayState: null,
  });
});

test('the login cookie is hidden from scripts and sent to the ACS alone; over http it has no SameSite', async () => {
  const login = await aBrowser().get(partnership.connection.loginUrl);

  const [cookie = ''] = login.headers.getSetCookie();
  expect(cookie).toMatch(/^sso_login_\w+=[\w-]{43}; Max-Age=600; Path=\/sso; HttpOnly$/);
  expect(login.headers.get('cache-control')).toBe('no-store');
});

test('over https the login cookie comes back from another site, and only over https', async () => {
  const service = await world.another({ PUBLIC_URL: 'https://tenantry.example' });

  const login = await aBrowser().get(
    `http://127.0.0.1:${service.port}/sso/${partnership.connection.id}/login`,
  );

  expect(login.headers.getSetCookie()[0]).toMatch(/^sso_login_.*; HttpOnly; Secure; SameSite=None$/);
});

test('several sign-ins in one browser, begun before any ended, all end well', async () => {
  const browser = aBrowser();
  const fresh = [aBrowser(), aBrowser(), aBrowser()];
  // Three tabs at once: none of the requests carries a cookie of the others.
  const begun = await Promise.all(fresh.map((tab) => beginSignIn(partnership, { browser: tab })));
  for (const tab of fresh) for (const [name, value] of tab.cookies) browser.cookies.set(name, value);
  for (let more = 0; more < 9; more += 1) begun.push(await beginSignIn(partnership, { browser }));

  const answers = [];
  for (const { post, acsUrl } of begun) answers.push(await post(acsUrl, browser));

  expect(answers.map(({ status }) => status)).toEqual(begun.map(() => 303));
  expect(browser.cookies.size).toBeLessThanOrEqual(8);
});

test('an identity provider that takes POST alone gets a form, which works without scripts', async () => {
  const metadataXml = idp.metadataXml().replace('HTTP-Redirect', 'HTTP-POST');
  const { connection } = await aPartnership(world, { metadataXml });

  const page = await aBrowser().get(`${connection.loginUrl}?returnTo=/projects`);

  const [, nonce] =
    /script-src 'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '') ?? [];
  expect(page.status).toBe(200);
  expect(page.headers.getSetCookie()).toHaveLength(1);
  expect(page.text).toContain(`<script nonce="${nonce}">`);
  expect(page.text).toContain('<form method="post" action="https://idp.acme.example/sso">');
  expect(page.text).toContain('<input type="hidden" name="RelayState" value="/projects" />');
  expect(page.text).toMatch(/<input type="hidden" name="SAMLRequest" value="[\w+/=]+" \/>/);
  expect(page.text).toContain('<button>Continue</button>');
});

test('other methods are told which to use, and single logout is not offered', async () => {
  const { connection } = partnership;
  const answers = await Promise.all([
    fetch(connection.acsUrl),
    fetch(connection.loginUrl, { method: 'POST' }),
    fetch(connection.metadataUrl, { method: 'DELETE' }),
    fetch(`${world.url}/sso/${connection.id}/slo`),
  ]);

  expect(answers.map(({ status, headers }) => [status, headers.get('allow')])).toEqual([
    [405, 'POST'],
    [405, 'GET, HEAD'],
    [405, 'GET, HEAD'],
    [404, null],
  ]);
});

test('a code is worth nothing once its connection is closed or the plan is without single sign-on', async () => {
  const own = await aPartnership(world);
  const tenantId = own.tenant.id;
  const first = await signIn(own, { person: aPerson() });
  const second = await signIn(own, { person: aPerson() });

  await world.operator.plans.change.mutate({ tenantId, plan: 'professional', when: 'now', note: 'agreed' });
  const byPlan = await exchange(world, first);
  await world.operator.plans.change.mutate({ tenantId, plan: 'enterprise', when: 'now', note: 'agreed' });
  const [connection] = (await world.operator.connections.sso.list.query({ tenantId })).items;
  await world.operator.connections.sso.remove.mutate({ tenantId, connectionId: connection?.id ?? '' });
  const byConnection = await exchange(world, second);

  expect(byPlan).toMatchObject({ status: 403, body: { reason: 'PLAN_FEATURE_REQUIRED' } });
  expect(byConnection).toMatchObject({ status: 401, body: { reason: 'INVALID_CREDENTIALS' } });
});
