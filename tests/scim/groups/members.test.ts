import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { aGroup, groupsOf, memberIds } from './group-clients.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const groups = groupsOf(directory);
const [ann, bob, cem] = [
  await aProvisionedUser(directory),
  await aProvisionedUser(directory),
  await aProvisionedUser(directory),
];
const everybody = [ann, bob, cem].toSorted();
const members = async (id: string) => memberIds(await groups.get(id));
const add = (value: string) => ({ op: 'Add', path: 'members', value: [{ value }] });
const remove = (value: string) => ({ op: 'Remove', path: 'members', value: [{ value }] });
const version = async (id: string) => (await groups.get(id, '?attributes=meta')).body['meta'];

test('E-16: members are added, several at once, and the answer has no body', async () => {
  const id = await aGroup(directory);

  const added = await groups.entraAdds(id, ann, bob);
  const again = await groups.entraAdds(id, bob, ann);

  expect([added.status, added.text]).toEqual([204, '']);
  expect(again.status).toBe(204);
  expect(await members(id)).toEqual([ann, bob].toSorted());
  expect(await version(id)).toMatchObject({ version: 'W/"2"' });
});

test('E-17: Remove with a list of members takes out those alone, by the default dialect of Entra', async () => {
  const id = await aGroup(directory, everybody);

  const removed = await groups.entraRemoves(id, ann);
  const again = await groups.entraRemoves(id, ann);

  expect([removed.status, removed.text]).toEqual([204, '']);
  expect(again.status).toBe(204);
  expect(await members(id)).toEqual([bob, cem].toSorted());
  expect(await version(id)).toMatchObject({ version: 'W/"2"' });
});

test.each([
  ['an empty list', []],
  ['one with an id and one without', [{ value: ann }, {}]],
])('a Remove of members with %s is refused and removes nobody', async (_, value) => {
  const id = await aGroup(directory, everybody);

  const refused = await groups.patch(id, { op: 'Remove', path: 'members', value });

  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ scimType: 'invalidValue' });
  expect(await members(id)).toEqual(everybody);
});

test('a remove of members without a value empties the group (RFC 7644 §3.5.2.2), and is said in the log', async () => {
  const id = await aGroup(directory, everybody);

  const removed = await groups.patch(id, { op: 'remove', path: 'members' });

  expect(removed.status).toBe(204);
  expect(await members(id)).toEqual([]);
  expect(directory.logged).toContainEqual(
    expect.objectContaining({ rules: ['all-members-removed: members'] }),
  );
});

test('E-18, O-8: a member is removed by a value path, and who is none without effect', async () => {
  const id = await aGroup(directory, everybody);
  const removes = (member: string) =>
    groups.patch(id, { op: 'remove', path: `members[value eq "${member}"]` });

  expect((await removes(ann)).status).toBe(204);
  expect((await removes(ann)).status).toBe(204);
  expect((await removes('nobody')).status).toBe(204);
  expect(await members(id)).toEqual([bob, cem].toSorted());
  expect(await version(id)).toMatchObject({ version: 'W/"2"' });
});

test('O-8: one request takes one out and brings another in, without a type', async () => {
  const id = await aGroup(directory, [ann]);

  const patched = await groups.patch(
    id,
    { op: 'remove', path: `members[value eq "${ann}"]` },
    { op: 'add', path: 'members', value: [{ value: bob, display: 'bob@x.example' }] },
  );

  expect(patched.status).toBe(204);
  expect(await members(id)).toEqual([bob]);
  expect(await version(id)).toMatchObject({ version: 'W/"2"' });
});

test.each([
  ['by path', { op: 'replace', path: 'members', value: [{ value: 'BOB' }, { value: 'CEM' }] }],
  ['in a value', { op: 'replace', value: { members: [{ value: 'BOB' }, { value: 'CEM' }] } }],
])('O-8: a full push replaces the members %s', async (_, operation) => {
  const id = await aGroup(directory, [ann, bob]);
  const text = JSON.stringify(operation).replace('BOB', bob).replace('CEM', cem);

  expect((await groups.patch(id, JSON.parse(text))).status).toBe(204);

  expect(await members(id)).toEqual([bob, cem].toSorted());
});

test('O-7: a rename with the read-only id in it keeps the members', async () => {
  const id = await aGroup(directory, [ann, bob]);
  const displayName = randomUUID();

  const renamed = await groups.patch(id, { op: 'replace', value: { id, displayName } });
  const again = await groups.patch(id, { op: 'replace', value: { id, displayName } });

  expect([renamed.status, again.status]).toEqual([204, 204]);
  expect((await groups.get(id)).body).toMatchObject({ displayName, meta: { version: 'W/"2"' } });
  expect(await members(id)).toEqual([ann, bob].toSorted());
});

test('null for members beside other attributes says nothing, and by path is refused', async () => {
  const id = await aGroup(directory, [ann]);

  expect((await groups.patch(id, { op: 'replace', value: { members: null, externalId: 'x' } })).status).toBe(
    204,
  );
  expect((await groups.patch(id, { op: 'replace', path: 'members', value: null })).status).toBe(400);

  expect(await members(id)).toEqual([ann]);
});

test.each([
  ['add', (id: string) => ({ op: 'add', path: 'members', value: [{ value: bob }, { value: id }] })],
  ['replace', (id: string) => ({ op: 'replace', path: 'members', value: [{ value: bob }, { value: id }] })],
  [
    'a replace in a value',
    (id: string) => ({ op: 'replace', value: { members: [{ value: bob }, { value: id }] } }),
  ],
])('an unknown member in %s is named and nothing changes, whatever came before', async (_, operation) => {
  const id = await aGroup(directory, [ann]);
  const unknown = [randomUUID(), 'not-an-id', ann.toUpperCase()];

  for (const each of unknown) {
    const rename = { op: 'replace', path: 'displayName', value: randomUUID() };
    const refused = await groups.patch(id, rename, operation(each));

    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      scimType: 'invalidValue',
      detail: `members: there is no user or group with the id ${each}`,
    });
  }
  expect(await members(id)).toEqual([ann]);
  expect(await version(id)).toMatchObject({ version: 'W/"1"' });
});

test('a member who is added and removed in one PATCH is absent, and one who is removed and added is there', async () => {
  const id = await aGroup(directory, [cem]);

  await groups.patch(id, add(ann), remove(ann), remove(bob), add(bob));

  expect(await members(id)).toEqual([bob, cem].toSorted());
  await groups.patch(id, { op: 'remove', path: `members[value eq "${cem}" or value eq "${bob}"]` }, add(ann));
  expect(await members(id)).toEqual([ann]);
  await groups.patch(id, add(bob), { op: 'remove', path: 'members' }, add(cem));
  expect(await members(id)).toEqual([cem]);
  expect(await version(id)).toMatchObject({ version: 'W/"4"' });
});

test('operations that cancel each other out change nothing', async () => {
  const id = await aGroup(directory, [ann]);

  const patched = await groups.patch(
    id,
    { op: 'add', path: 'members', value: [{ value: bob }] },
    { op: 'remove', path: 'members', value: [{ value: bob }] },
    { op: 'replace', path: 'displayName', value: randomUUID() },
    { op: 'replace', path: 'displayName', value: (await groups.get(id)).body['displayName'] },
  );

  expect(patched.status).toBe(204);
  expect(await version(id)).toMatchObject({ version: 'W/"1"' });
});

test('a later operation that is refused undoes the earlier ones', async () => {
  const taken = randomUUID();
  await aGroup(directory, [], taken);
  const id = await aGroup(directory, [ann]);

  const refused = await groups.patch(
    id,
    { op: 'add', path: 'members', value: [{ value: bob }] },
    { op: 'replace', path: 'displayName', value: taken },
  );

  expect(refused.status).toBe(409);
  expect(await members(id)).toEqual([ann]);
});

test('a PATCH that asks for attributes is answered with them', async () => {
  const id = await aGroup(directory, [ann]);
  const body = patchBody({ op: 'add', path: 'members', value: [{ value: bob }] });

  const { status, body: shown } = await directory.send('PATCH', `/Groups/${id}?attributes=displayName`, {
    body,
  });

  expect(status).toBe(200);
  expect(shown).toEqual({ schemas: expect.any(Array), id, displayName: expect.any(String) });
  expect(await members(id)).toEqual([ann, bob].toSorted());
});

test('membership stays while a user is deactivated, and who is deactivated can be taken out', async () => {
  const [user, other] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];
  const id = await aGroup(directory, [user, other]);

  await directory.entra.disableUser(user);
  await directory.entra.disableUser(other);
  await groups.entraRemoves(id, other);

  expect(await members(id)).toEqual([user]);
  await directory.entra.enableUser(user);
  expect(await members(id)).toEqual([user]);
});

test('a removed user is shown in no group, and cannot be added', async () => {
  const user = await aProvisionedUser(directory);
  const id = await aGroup(directory, [user, ann]);

  await directory.entra.deleteUser(user);

  expect(await members(id)).toEqual([ann]);
  expect((await groups.entraAdds(id, user)).status).toBe(400);
});
