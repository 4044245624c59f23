import { expect, test } from 'vitest';
import { termsOf } from '../../src/domain/plans/catalogue.ts';
import { aRegistration, aTenant, openWorld, type Session } from '../support/world.ts';
import { aPerson, theOwner } from './people.ts';

const world = await openWorld();

const { clientId, secret } = await world.operator.serviceClients.create.mutate({ name: 'host application' });
const basic = (id: string, password: string) =>
  `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`;
const introspect = (token: string, authorization = `Bearer ${secret}`) =>
  world.send('/api/auth/introspect', {
    raw: new URLSearchParams({ token }).toString(),
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
  });
const stateOf = async ({ accessToken }: Session) => (await introspect(accessToken)).body;

test('an active session comes with tenant, plan, features, limits and access mode', async () => {
  const { accessToken, user, tenant } = await aRegistration(world, { plan: 'starter' });

  const { status, body } = await introspect(accessToken);

  const { limits, features } = termsOf('starter');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    active: true,
    token_type: 'Bearer',
    sub: user.id,
    tid: tenant.id,
    role: 'owner',
    emailVerified: false,
    tenant: { id: tenant.id, slug: tenant.slug, status: 'trial' },
    plan: 'starter',
    accessMode: 'full',
    limits,
    features,
  });
});

test('a service client authenticates by Basic or by bearer, with a form or with JSON', async () => {
  const { accessToken } = await aRegistration(world);

  const byBasic = await introspect(accessToken, basic(clientId, secret));
  const byJson = await world.send('/api/auth/introspect', { body: { token: accessToken }, token: secret });

  expect(byBasic.body.active).toBe(true);
  expect(byJson.body.active).toBe(true);
});

test.each([
  ['nobody', ''],
  ['a wrong secret', 'Bearer sc_nonsense'],
  ['an operator', `Bearer ${world.bootstrapToken}`],
  ['a client with another’s secret', basic('0192f0c0-0000-7000-8000-000000000000', secret)],
  ['Basic without a colon', `Basic ${Buffer.from(clientId).toString('base64')}`],
  ['Basic that is no base64', 'Basic %%%'],
])('%s may not introspect', async (_, authorization) => {
  const { accessToken } = await aRegistration(world);

  const { status, body, headers } = await introspect(accessToken, authorization);

  expect(status).toBe(401);
  expect(body.reason).toBe('INVALID_CREDENTIALS');
  expect(headers.get('www-authenticate')).toBe('Bearer');
});

test('the session that is asked about does not authenticate the asking', async () => {
  const { accessToken } = await aRegistration(world);

  expect((await introspect(accessToken, `Bearer ${accessToken}`)).status).toBe(401);
});

test('garbage, a refresh token and a broken signature are inactive, and say no more', async () => {
  const { accessToken, refreshToken } = await aRegistration(world);
  const [head = '', payload = '', signature = ''] = accessToken.split('.');
  const forged = [
    head,
    payload,
    signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`,
  ];

  const answers = await Promise.all(
    ['nonsense', 'a.b.c', '', refreshToken, forged.join('.')].map((token) => introspect(token)),
  );

  for (const answer of answers) expect([answer.status, answer.body]).toEqual([200, { active: false }]);
});

test('a session that was signed out is inactive on the next call', async () => {
  const session = await aRegistration(world);
  expect((await stateOf(session)).active).toBe(true);

  await world.send('/api/auth/logout', { body: { refreshToken: session.refreshToken } });

  expect(await stateOf(session)).toEqual({ active: false });
});

test('a deactivated user is inactive, and the other users are not', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');

  await owner.client.directory.users.deactivate.mutate({ userId: member.user.id });

  expect(await stateOf(member)).toEqual({ active: false });
  expect((await stateOf(owner)).active).toBe(true);
});

test('a read-only tenant is active with that access mode, a blocked one inactive', async () => {
  const session = await aRegistration(world);
  const tenantId = session.tenant.id;
  const suspend = (mode: 'read_only' | 'blocked') =>
    world.operator.suspension.suspend.mutate({ tenantId, trigger: 'payment_failure', mode, note: 'unpaid' });

  await suspend('read_only');
  const readOnly = await stateOf(session);
  await suspend('blocked');
  const blocked = await stateOf(session);

  expect(readOnly).toMatchObject({ active: true, accessMode: 'read_only', tenant: { status: 'suspended' } });
  expect(blocked).toEqual({ active: false });
});

test('a change of plan or role shows on the next call', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');

  await owner.client.directory.users.setRole.mutate({ userId: member.user.id, role: 'admin' });
  await world.operator.plans.change.mutate({
    tenantId: tenant.id,
    plan: 'professional',
    when: 'now',
    note: 'agreed',
  });

  expect(await stateOf(member)).toMatchObject({
    role: 'admin',
    plan: 'professional',
    features: { sso: false },
  });
});

test('a rotated secret takes over at once, and a revoked client is out', async () => {
  const created = await world.operator.serviceClients.create.mutate({ name: 'another' });
  const session = await aRegistration(world);
  const statusWith = async (each: string) => (await introspect(session.accessToken, `Bearer ${each}`)).status;

  const rotated = await world.operator.serviceClients.rotate.mutate({ clientId: created.clientId });

  expect([await statusWith(created.secret), await statusWith(rotated.secret)]).toEqual([401, 200]);
  await world.operator.serviceClients.revoke.mutate({ clientId: created.clientId });
  expect(await statusWith(rotated.secret)).toBe(401);
});
