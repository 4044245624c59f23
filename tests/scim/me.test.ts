import { expect, test } from 'vitest';
import { aPerson, theOwner } from '../api/people.ts';
import { createScimClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { expectError } from './expected-error.ts';

const world = await openWorld();

/** A tenant whose directory and whose people ask the real service. */
async function aPlace() {
  const tenant = await aTenant(world);
  const { token } = await aScimToken(world, tenant);
  return { tenant, directory: asking(tenant, token), owner: await theOwner(world, tenant) };
}

function asking({ slug }: TestTenant, token: string) {
  return createScimClient({ baseUrl: `${world.url}/scim/v2/${slug}`, token, fetch });
}

const { tenant, directory, owner } = await aPlace();
const { send } = asking(tenant, owner.accessToken);

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'];

test('a person reads at /Me what the directory reads of them, and where that is', async () => {
  const member = await aPerson(world, tenant.id, 'member');

  for (const person of [owner, member]) {
    const me = await asking(tenant, person.accessToken).send('GET', '/Me');
    const user = await directory.send('GET', `/Users/${person.user.id}`);

    expect([me.status, me.headers.get('content-type')]).toEqual([200, 'application/scim+json']);
    expect(me.text).toBe(user.text);
    expect(me.headers.get('location')).toBe(Object(me.body['meta']).location);
    expect(me.headers.get('location')).toContain(`/scim/v2/${tenant.slug}/Users/${person.user.id}`);
  }
});

test('at /Me attributes are chosen, and a version that is known is 304, as for any user', async () => {
  const some = await send('GET', '/Me/?attributes=userName');
  const known = await send('GET', '/Me', { headers: { 'if-none-match': some.headers.get('etag') ?? '' } });
  const head = await send('HEAD', '/Me');

  expect(Object.keys(some.body).toSorted()).toEqual(['id', 'schemas', 'userName']);
  expect([known.status, known.text]).toEqual([304, '']);
  expect([head.status, head.text]).toEqual([200, '']);
  expectError(await send('GET', '/Me', { headers: { 'if-match': 'W/"77"' } }), 412);
});

test('nobody changes themselves at /Me: every other method is 501', async () => {
  for (const method of methods) expectError(await send(method, '/Me', { body: { active: false } }), 501);

  expect((await send('GET', '/Me')).headers.get('etag')).toBe('W/"1"');
});

test('the token of a directory is that of no user: /Me is 501 for every method', async () => {
  expectError(await directory.send('GET', '/Me'), 501);
  for (const method of methods) expectError(await directory.send(method, '/Me', { body: {} }), 501);
});

test('a person’s token is taken at /Me of their own tenant, and nowhere else', async () => {
  const other = await aTenant(world);
  const { accessToken, user } = owner;

  expectError(await asking(other, accessToken).send('GET', '/Me'), 401);
  for (const path of ['/Users', `/Users/${user.id}`, '/Schemas']) {
    expectError(await send('GET', path), 401);
  }
  for (const token of ['a.b.c', 'nobody', `${accessToken}x`, '']) {
    expectError(await asking(tenant, token).send('GET', '/Me'), 401);
  }
});

test('a person’s look at /Me is counted among the calls of people, and a directory’s is not', async () => {
  const me = await asking(tenant, owner.accessToken).send('GET', '/Me');
  const list = await directory.send('GET', '/Users');

  expect(me.headers.get('ratelimit-policy')).toContain('people');
  expect(list.headers.get('ratelimit-policy')).toContain('scim');
});

test('whose session has ended is 401 at /Me, whose tenant is blocked or has no SCIM 403', async () => {
  const member = await aPerson(world, tenant.id, 'member');
  const setPlan = (plan: string) =>
    world.inTenant(tenant.id, ({ em }) =>
      em.execute('update tenants set plan = ? where id = ?', [plan, tenant.id]),
    );

  await setPlan('professional');
  const planless = await send('GET', '/Me');
  await setPlan('enterprise');
  const why = { trigger: 'security_incident', mode: 'blocked', note: 'for a test' } as const;
  await world.operator.suspension.suspend.mutate({ tenantId: tenant.id, ...why });
  const blocked = await asking(tenant, member.accessToken).send('GET', '/Me');
  await world.operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'over' });
  await world.send('/api/auth/sign-out', { body: { refreshToken: owner.refreshToken } });
  const signedOut = await send('GET', '/Me');

  expectError(planless, 403);
  expectError(blocked, 403);
  expectError(signedOut, 401);
});
