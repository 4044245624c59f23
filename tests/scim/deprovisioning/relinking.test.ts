import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aPerson } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { aGroup, groupsOf, memberIds } from '../groups/group-clients.ts';
import { aFullDirectory } from './taking.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const { entra, okta, tenant } = directory;
const { users } = world.operator.directory;

/** Somebody whom the directory had, an admin and in a group, and has removed. */
async function aRemovedAdmin() {
  const person = aPerson();
  const id = String((await entra.createUser(person)).body.id);
  await users.setRole.mutate({ tenantId: tenant.id, userId: id, role: 'admin' });
  const groupId = await aGroup(directory, [id]);
  expect((await entra.deleteUser(id)).status).toBe(204);
  expect((await entra.getUser(id)).status).toBe(404);
  return { person, id, groupId };
}

test('a DELETE and a POST of the same externalId are the same user: id, role, groups and history', async () => {
  const { person, id, groupId } = await aRemovedAdmin();

  const again = await entra.createUser({ ...person, givenName: 'Robert' });

  expect([again.status, again.body.id]).toEqual([201, id]);
  expect(again.body).toMatchObject({
    active: true,
    name: { givenName: 'Robert' },
    emails: [{ value: person.email }],
    groups: [{ value: groupId }],
  });
  expect(again.headers.get('location')).toContain(id);
  expect(memberIds(await groupsOf(directory).get(groupId))).toEqual([id]);
  expect(await users.get.query({ tenantId: tenant.id, userId: id })).toMatchObject({
    role: 'admin',
    active: true,
  });
  const actions = (await directory.audit(id)).map(({ action }) => action);
  expect(actions).toEqual([
    'user.created',
    'user.updated',
    'user.deactivated',
    'user.removed',
    'user.reactivated',
    'user.restored',
  ]);
  expect((await entra.getUser(id)).body.active).toBe(true);
});

test.each(['userName', 'email'] as const)(
  'who comes back with another %s is the same user',
  async (changed) => {
    const { person, id } = await aRemovedAdmin();
    const other = `new-${person.email}`;

    const again = await entra.createUser({ ...person, [changed]: other });

    expect([again.status, again.body.id]).toEqual([201, id]);
    expect(again.text).toContain(other);
  },
);

test('an externalId that was given to somebody else makes a user of their own, with nothing of the first', async () => {
  const { person, id } = await aRemovedAdmin();

  const other = await entra.createUser(aPerson({ externalId: person.externalId }));

  expect(other.status).toBe(201);
  expect(other.body.id).not.toBe(id);
  expect(other.body['groups'] ?? []).toEqual([]);
  expect(await users.get.query({ tenantId: tenant.id, userId: String(other.body.id) })).toMatchObject({
    role: 'member',
  });
});

test('the same name under another externalId, or without one, is somebody else', async () => {
  const { person, id } = await aRemovedAdmin();

  const other = await okta.createUser({ ...person, externalId: crypto.randomUUID() });

  expect(other.status).toBe(201);
  expect(other.body.id).not.toBe(id);
  expectError(await entra.createUser(person), 409, 'uniqueness');
});

test('of creations at once one is linked again, and the others are 409', async () => {
  const { person, id } = await aRemovedAdmin();

  const answers = await Promise.all(Array.from({ length: 6 }, () => entra.createUser(person)));

  expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  expect(answers.find(({ status }) => status === 201)?.body.id).toBe(id);
});

test('who comes back needs a free place: 403 that names the limit, and stays removed', async () => {
  const full = await aFullDirectory(world, 3);
  const { tenantId } = full;
  const person = aPerson();
  const id = String((await full.entra.createUser(person)).body.id);
  await full.entra.deleteUser(id);
  await world.operator.plans.setOverrides.mutate({ tenantId, limits: { users: 4 }, note: 'a test' });

  const refused = await full.entra.createUser(person);

  expectError(refused, 403);
  expect(String(refused.body['detail'])).toMatch(/allows 4 .*users/);
  expect((await full.entra.getUser(id)).status).toBe(404);
  await full.entra.disableUser(full.ids[0] ?? '');
  expect((await full.entra.createUser(person)).body.id).toBe(id);
  expectError(await full.entra.enableUser(full.ids[0] ?? ''), 403);
});
