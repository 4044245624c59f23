import { expect, test } from 'vitest';
import type { FailureCode } from '../../sso/failures.ts';
import type { RespondOptions } from '../support/identity-provider.ts';
import { weakKey } from '../support/saml-keys.ts';
import { aTenant, openWorld } from '../support/world.ts';
import { aBrowser } from './browser.ts';
import {
  aPartnership,
  aPerson,
  beginSignIn,
  idp,
  listUsers,
  type Partnership,
  readFailure,
  readLog,
  signIn,
  traceOf,
} from './partnership.ts';

const world = await openWorld({ env: { SUPPORT_EMAIL: 'help@tenantry.example' } });
const partnership = await aPartnership(world);
const lowerPlan = (tenantId: string) =>
  world.operator.plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note: 'agreed' });

const wrongResponses: Record<string, [FailureCode, number, RespondOptions]> = {
  unsigned: ['signature_missing', 403, { sign: 'none' }],
  'signed by a stranger': ['certificate_unknown', 403, { signing: { key: weakKey } }],
  'changed after it was signed': [
    'signature_invalid',
    403,
    { tamper: (xml) => xml.replaceAll('Pat', 'Eve') },
  ],
  'for another service': ['audience_wrong', 403, { audience: 'https://other.example' }],
  'for another recipient': ['recipient_wrong', 403, { recipient: 'https://other.example/acs' }],
  'from another identity provider': ['issuer_wrong', 403, { issuer: 'https://evil.example' }],
  'an hour old': ['expired', 403, { shiftSeconds: -3600 }],
  'a refusal of the identity provider': [
    'status_not_success',
    403,
    { status: 'Responder', sign: 'response' },
  ],
  'with a comment': ['markup_forbidden', 400, { tamper: (xml) => xml.replace('Pat', 'P<!---->at') }],
  'not XML': ['message_malformed', 400, { tamper: () => '<samlp:Response' }],
  'two assertions': [
    'assertion_ambiguous',
    400,
    { tamper: (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, (all) => all + all) },
  ],
};

test.each(Object.entries(wrongResponses))(
  'a response that is %s gets a page with the reason, the remedy and the number of its trace',
  async (_, [reason, status, options]) => {
    const person = aPerson();

    const answer = await signIn(partnership, { person, ...options });

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('For the administrator');
    expect(answer.text).toContain('mailto:help@tenantry.example');
    expect(answer.text.length).toBeLessThan(20_000);
    const { trace, userId } = await traceOf(partnership, answer, reason);
    expect(trace).toMatchObject({
      requestId: answer.headers.get('x-request-id'),
      expected: { issuer: idp.entityId },
    });
    expect(userId).toBeNull();
    expect((await listUsers(partnership)).filter(({ email }) => email === person.email)).toEqual([]);
  },
);

test('a trace shows what was expected and what came, and seals who it is about', async () => {
  const person = aPerson();

  const answer = await signIn(partnership, { person, audience: 'https://other.example' });

  const { id, trace } = await traceOf(partnership, answer, 'audience_wrong');
  expect(trace).toMatchObject({
    certificates: { expected: [idp.key.sha256Fingerprint] },
    assertion: {
      certificate: idp.key.sha256Fingerprint,
      audiences: ['https://other.example'],
      attributes: ['email', 'firstName', 'lastName'],
    },
    detail: { expected: partnership.connection.spEntityId, received: ['https://other.example'] },
    milliseconds: { open: expect.any(Number), verify: expect.any(Number) },
  });
  expect(JSON.stringify(trace)).not.toMatch(new RegExp(`${person.nameId}|Pat|<saml`));
  const opened = await world.inTenant(partnership.tenant.id, async ({ key }) =>
    key.openText(String(trace['personal']), `sso_attempt:${id}`),
  );
  expect(JSON.parse(opened)).toEqual({ nameId: person.nameId });
});

test('an address in a schema error or in a wrong attribute is sealed as well', async () => {
  const person = aPerson();
  const bad = await signIn(partnership, { person: { ...person, email: 'no address' } });
  const schema = await signIn(partnership, {
    person,
    tamper: (xml) => xml.replace(/IssueInstant="[^"]*"/, `IssueInstant="${person.email}"`),
  });

  expect(JSON.stringify(await traceOf(partnership, bad, 'attribute_invalid'))).not.toContain('no address');
  expect(JSON.stringify(await traceOf(partnership, schema, 'schema_invalid'))).not.toContain(person.email);
});

test('products are recognized: Okta is spoken to in its own words', async () => {
  const oktaId = 'http://www.okta.com/exk1';
  const metadataXml = idp.metadataXml().replace(idp.entityId, oktaId);
  const okta = await aPartnership(world, { metadataXml });

  const answer = await signIn(okta, {
    issuer: oktaId,
    responseIssuer: oktaId,
    audience: 'https://other.example',
  });

  await traceOf(okta, answer, 'audience_wrong');
  expect(answer.text).toContain('Audience URI (SP Entity ID)');
});

/** What an admin or operator does between the beginning and the end of a sign-in. */
const closures: Record<string, [FailureCode, (partnership: Partnership) => Promise<unknown>]> = {
  'whose plan was lowered': ['plan_required', ({ tenant }) => lowerPlan(tenant.id)],
  'that was blocked': [
    'tenant_suspended',
    ({ tenant }) =>
      world.operator.suspension.suspend.mutate({
        tenantId: tenant.id,
        trigger: 'security_incident',
        mode: 'blocked',
        note: 'test',
      }),
  ],
  'whose connection was switched off': [
    'connection_disabled',
    ({ tenant, connection }) =>
      world.operator.connections.sso.update.mutate({
        tenantId: tenant.id,
        connectionId: connection.id,
        state: 'disabled',
      }),
  ],
};

test.each(Object.entries(closures))(
  'nobody signs in to a tenant %s, neither anew nor on the way',
  async (_, [reason, close]) => {
    const closing = await aPartnership(world);
    const { post } = await beginSignIn(closing);
    await close(closing);

    const onTheWay = await post();
    const anew = await aBrowser().get(closing.connection.loginUrl);

    await traceOf(closing, onTheWay, reason);
    await traceOf(closing, anew, reason);
    expect([onTheWay.status, anew.status]).toEqual([403, 403]);
    expect(anew.headers.getSetCookie()).toEqual([]);
    expect(anew.text).not.toContain('Start the sign-in again');
    expect(await listUsers(closing)).toEqual([]);
  },
);

test('a tenant that is read-only lets its people sign in', async () => {
  const readOnly = await aPartnership(world);
  await world.operator.suspension.suspend.mutate({
    tenantId: readOnly.tenant.id,
    trigger: 'payment_failure',
    mode: 'read_only',
    note: 'test',
  });

  expect((await signIn(readOnly)).status).toBe(303);
});

test('before go-live members are refused, and no account is made', async () => {
  const onboarding = await aPartnership(world, { tenant: await aTenant(world, { onboarding: true }) });

  await traceOf(onboarding, await signIn(onboarding), 'tenant_not_live');
  expect(await listUsers(onboarding)).toEqual([]);
});

test('a draft shows its metadata and lets nobody in; in the state test people sign in', async () => {
  const draft = await aPartnership(world, { state: 'draft' });
  const testing = await aPartnership(world, { state: 'test' });

  const metadata = await aBrowser().get(draft.connection.metadataUrl);
  const login = await aBrowser().get(draft.connection.loginUrl);

  expect(metadata).toMatchObject({ status: 200 });
  await traceOf(draft, login, 'connection_draft');
  expect((await signIn(testing)).status).toBe(303);
});

test('on a plan without SSO the metadata is a page that says so, and no attempt is noted', async () => {
  const lowered = await aPartnership(world);
  await lowerPlan(lowered.tenant.id);

  const metadata = await aBrowser().get(lowered.connection.metadataUrl);

  expect(metadata.status).toBe(403);
  expect(readFailure(metadata)).toEqual({ reason: 'plan_required', attemptId: undefined });
  expect(await readLog(lowered)).toEqual([]);
});

test.each(['metadata', 'login', 'acs'])(
  'an unknown connection and a malformed one get the same page at %s',
  async (path) => {
    const ids = ['01890000-0000-7000-8000-000000000000', 'nothing', '%00', 'x'.repeat(3000)];

    const answers = await Promise.all(
      ids.map((id) =>
        path === 'acs'
          ? aBrowser().post(`${world.url}/sso/${id}/acs`, { SAMLResponse: 'eA==' })
          : aBrowser().get(`${world.url}/sso/${id}/${path}`),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(new Set(answers.map(({ text }) => text.replaceAll(/nonce="[^"]+"/g, ''))).size).toBe(1);
  },
);

test.each([
  ['a form of 256 KB and more', 'message_too_large', 413, `SAMLResponse=${'A'.repeat(256 * 1024)}`],
  ['no SAMLResponse', 'message_malformed', 400, 'RelayState=/'],
  ['two SAMLResponses', 'message_malformed', 400, 'SAMLResponse=eA==&SAMLResponse=eA=='],
  ['what is not base64', 'message_malformed', 400, 'SAMLResponse=%00'],
  ['nothing', 'message_malformed', 400, ''],
] as const)('%s is refused with a page', async (_, reason, status, body) => {
  const answer = await aBrowser().post(partnership.connection.acsUrl, body);

  await traceOf(partnership, answer, reason);
  expect(answer.status).toBe(status);
});

test('JSON is refused with a page', async () => {
  const response = await fetch(partnership.connection.acsUrl, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });

  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
});
