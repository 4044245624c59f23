import { expect, test } from 'vitest';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { send } from '../support/http.ts';
import { ask, call, refusalsOf } from './answers.ts';
import { aPerson, theOwner } from './people.ts';

const world = await openWorld();
// A second process of the same deployment: one public URL, one database, nothing else in common.
const other = await world.another({ PUBLIC_URL: world.url });

const meThere = (token: string) => send(other.url, '/api/auth/me', { token });
const suspend = (tenantId: string, mode: 'read_only' | 'blocked') =>
  world.operator.suspension.suspend.mutate({
    tenantId,
    trigger: 'security_incident',
    mode,
    note: 'leaked keys',
  });

test('who is deactivated at one service is out at the other with the next request', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');
  expect((await meThere(member.accessToken)).status).toBe(200);

  await owner.client.directory.users.deactivate.mutate({ userId: member.user.id });

  const { status, body } = await meThere(member.accessToken);
  expect([status, body.reason]).toEqual([401, 'INVALID_CREDENTIALS']);
  expect((await ask(other.url, 'projects.list', { token: member.accessToken })).status).toBe(401);
  expect((await ask(other.url, 'plans.catalogue', { token: member.accessToken })).status).toBe(401);
  expect(
    (await send(other.url, '/api/auth/refresh', { body: { refreshToken: member.refreshToken } })).status,
  ).toBe(401);
  expect((await meThere(owner.accessToken)).status).toBe(200);
});

test('a tenant blocked at one service refuses every session at the other, by its reason', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const people = [await theOwner(world, tenant), await aPerson(world, tenant.id, 'member')];

  await suspend(tenant.id, 'blocked');

  for (const { accessToken, refreshToken } of people) {
    const answers = [
      await ask(other.url, 'projects.list', { token: accessToken }),
      await ask(other.url, 'plans.catalogue', { token: accessToken }),
      await call(other.url, 'projects.create', { token: accessToken, input: { name: 'x' } }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.error.data.reason]).toEqual([403, 'TENANT_SUSPENDED']);
    }
    const rest = [
      await meThere(accessToken),
      await send(other.url, '/api/auth/refresh', { body: { refreshToken } }),
    ];
    for (const { status, body } of rest) expect([status, body.reason]).toEqual([403, 'TENANT_SUSPENDED']);
  }
});

test('sessions that a block has ended stay dead after the reinstatement', async () => {
  const { accessToken, refreshToken, tenant } = await aRegistration(world);
  await suspend(tenant.id, 'blocked');

  await world.operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'keys are new' });

  expect((await meThere(accessToken)).status).toBe(401);
  const refreshed = await send(other.url, '/api/auth/refresh', { body: { refreshToken } });
  expect([refreshed.status, refreshed.body.reason]).toEqual([401, 'INVALID_CREDENTIALS']);
});

test('a read-only tenant reads and does not write, in the sessions it had', async () => {
  const { accessToken, tenant } = await aRegistration(world);
  const client = world.as(accessToken, other.url);
  const { id: projectId } = await client.projects.create.mutate({ name: 'Before' });

  await suspend(tenant.id, 'read_only');

  expect((await client.projects.list.query()).items).toHaveLength(1);
  expect((await client.tenants.get.query()).accessMode).toBe('read_only');
  const refusals = await refusalsOf([
    client.projects.create.mutate({ name: 'After' }),
    client.projects.update.mutate({ projectId, name: 'After' }),
    client.projects.remove.mutate({ projectId }),
    client.tenants.update.mutate({ name: 'After' }),
  ]);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ reason: 'TENANT_READ_ONLY', httpStatus: 403 });
  }
  await world.operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'done' });
  expect(await client.projects.create.mutate({ name: 'After' })).toMatchObject({ name: 'After' });
});

test('an operator revoked at one service is out at the other', async () => {
  const { operator, token } = await world.operator.operators.create.mutate({
    email: 'leaving@ops.example',
    name: 'Lea',
    role: 'read_only',
  });
  expect((await ask(other.url, 'tenants.list', { token })).status).toBe(200);

  await world.operator.operators.revoke.mutate({ operatorId: operator.id });

  expect((await ask(other.url, 'tenants.list', { token })).status).toBe(401);
});
