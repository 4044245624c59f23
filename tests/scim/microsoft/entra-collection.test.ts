import { expect, test } from 'vitest';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { groupUrn, groupsOf } from '../groups/group-clients.ts';
import { enterpriseUrn, userUrn } from '../people.ts';
import { aBody, aGroupBody, aWholeBody } from './collection-bodies.ts';

// What Microsoft's public collection for Entra's client asserts (AzureAD/SCIMReferenceCode, PostmanCollection.json),
// folder by folder. Where we answer otherwise the name says so, and scim/README.md says why.

const world = await openWorld();
const json = { 'content-type': 'application/json' };

/** A tenant whose directory sends what the collection sends. */
async function anApi() {
  const directory = await aDirectory(world);
  const send = (method: string, path: string, body?: object | string) =>
    directory.send(method, path, { ...(body && { body, headers: json }) });
  return { send, groups: groupsOf(directory) };
}

test('endpoint tests: every list and description is there', async () => {
  const { send } = await anApi();

  const answers = [
    await send('GET', '/Users'),
    await send('GET', '/Groups'),
    await send('GET', '/ResourceTypes'),
    await send('GET', '/ServiceProviderConfig'),
    await send('GET', '/Schemas'),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(answers[2]?.body.Resources?.[0]).toMatchObject({ endpoint: '/Users' });
  expect(answers[3]?.body).toMatchObject({ patch: { supported: true } });
  expect(answers[4]?.text).toContain('User Account');
});

test('endpoint tests: paths are exact, so its /users in small letters is 404 here', async () => {
  const { send } = await anApi();

  expectError(await send('GET', '/users'), 404);
});

test('user tests: people are created, read, listed, found, patched, replaced and deleted', async () => {
  const { send } = await anApi();
  const enterprise = { Department: 'bob', Manager: { Value: 'SuzzyQ' } };

  const one = await send('POST', '/Users', aBody('UserName123', { schemas: [userUrn] }));
  const two = await send('POST', '/Users', aBody('UserName222', { [enterpriseUrn]: enterprise }));
  const [id1, id2] = [one.body.id ?? '', two.body.id ?? ''];
  const [read1, read2] = [await send('GET', `/Users/${id1}`), await send('GET', `/Users/${id2}`)];
  const listed = await send('GET', '/Users?attributes=userName,emails');
  const found = await send('GET', '/Users/?filter=DisplayName+eq+%22BobIsAmazing%22');
  await send('PATCH', `/Users/${id1}`, patchBody({ op: 'replace', path: 'userName', value: 'ryan3' }));
  const replaced = await send('PUT', `/Users/${id2}`, {
    ...aBody('UserNameReplace2', { id: id2 }),
    name: { formatted: 'NewName', familyName: 'Leenay', givenName: 'Ryan' },
  });

  expect([one.status, two.status, replaced.status]).toEqual([201, 201, 200]);
  expect([read1.body.id, read2.body.id]).toEqual([id1, id2]);
  expect(two.body[enterpriseUrn]).toMatchObject({ department: 'bob', manager: { value: 'SuzzyQ' } });
  for (const { status, text } of [listed, found]) {
    expect(status).toBe(200);
    expect(text).toContain(id1);
  }
  expect((await send('GET', `/Users/${id1}`)).body).toMatchObject({ id: id1, userName: 'ryan3' });
  expect((await send('GET', `/Users/${id2}`)).body).toMatchObject({ name: { formatted: 'NewName' } });
  expect((await send('DELETE', `/Users/${id1}`)).status).toBe(204);
  expect((await send('DELETE', `/Users/${id2}`)).status).toBe(204);
  expect((await send('GET', '/Users?attributes=userName')).body.Resources).toEqual([]);
});

test('group tests: groups are created, replaced, filled, emptied and deleted', async () => {
  const { send, groups } = await anApi();
  const user3 = (await send('POST', '/Users', aBody('UserName333'))).body.id ?? '';
  const user4 = (await send('POST', '/Users', aBody('UserName444'))).body.id ?? '';

  const created = [
    await groups.create(aGroupBody('Group1DisplayName')),
    await groups.create(aGroupBody('GroupDisplayName2', [{ value: user3, display: 'VP' }])),
    await groups.create(aGroupBody('GroupDisplayName3')),
  ];
  const [group1, , group3] = created.map(({ body }) => body.id ?? '');
  const put = await groups.put(group3 ?? '', {
    id: group3,
    schemas: [groupUrn],
    displayName: 'putName',
    members: [
      { value: user3, display: 'VP' },
      { value: user4, display: 'SenorVP' },
    ],
  });
  const validated = await groups.get(group3 ?? '');
  const value = [{ displayName: 'new User', value: user4 }];
  const add = () => groups.patch(group1 ?? '', { name: 'addMember', op: 'add', path: 'members', value });
  await add();
  await groups.patch(group1 ?? '', { op: 'remove', path: `members[value eq "${user4}"]` });
  const without = await groups.get(group1 ?? '');
  await add();
  const filled = await groups.get(group1 ?? '');
  await groups.patch(group1 ?? '', { op: 'remove', path: 'members' });
  const emptied = await groups.get(group1 ?? '');

  expect(created.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect((await send('GET', '/Groups')).body.totalResults).toBe(3);
  expect([put.status, validated.body.id]).toEqual([200, group3]);
  expect(validated.text).toContain(user3);
  expect(without.text).not.toContain(user4);
  // It looks for the name it sent; the name of a member is the member's own here, and sent ones are ignored.
  expect(filled.text).toContain(user4);
  expect(filled.text).not.toContain('new User');
  expect(emptied.text).not.toContain(user4);
  for (const path of [`/Users/${user3}`, `/Users/${user4}`])
    expect((await send('DELETE', path)).status).toBe(204);
  for (const { body } of created) expect((await groups.remove(body.id ?? '')).status).toBe(204);
  expect((await send('GET', '/Groups')).body.Resources).toEqual([]);
});

test('complex attributes: attributes may name an element of a list, and the whole list is shown', async () => {
  const { send } = await anApi();
  const emails = [{ Primary: true, type: 'work', value: 'emailName357' }];
  await send('POST', '/Users', aBody('UserName111', { emails }));
  await send('POST', '/Users', aBody('UserName222'));

  for (const attribute of ['emails%5Btype+eq+%22work%22%5D', 'emails%5Bvalue+eq+%22emailName357%22%5D']) {
    const { status, text } = await send('GET', `/Users?attributes=${attribute}`);
    expect(status).toBe(200);
    expect(text).toContain('emailName357');
    expect(text).not.toContain('displayName');
  }
});

test('user tests with garbage: strings for booleans, misspelt names and missing ones are told apart', async () => {
  const { send } = await anApi();
  const malley = aWholeBody('OMalley');

  const first = await send('POST', '/Users', malley);
  const second = await send('POST', '/Users', aWholeBody('emp1', { active: 'True' }));
  const id = first.body.id ?? '';
  const listed = await send('GET', '/Users');
  const { userName: _, ...nameless } = malley;
  const { addresses, ...placeless } = malley;

  expect([first.status, first.body.userName, first.body.active]).toEqual([201, 'OMalley', true]);
  expect([second.status, second.body.active]).toEqual([201, true]);
  expect(listed.body.totalResults).toBe(2);
  expect(listed.text).toContain('OMalley');
  expectError(await send('POST', '/Users', nameless), 400, 'invalidValue');
  expectError(await send('PUT', `/Users/${id}`, { ...nameless, userame: 'OMalley' }), 400, 'invalidValue');
  expectError(await send('POST', '/Users', '{ "acve": tre }'), 400, 'invalidSyntax');
  for (const body of [aWholeBody('emp1'), aWholeBody('emp1')]) {
    expectError(await send('POST', '/Users', body), 409, 'uniqueness');
  }
  const misspelt = await send('PUT', `/Users/${id}`, { ...placeless, adreses: addresses, active: false });
  expect(misspelt.status).toBe(200);
  expect(misspelt.text).not.toMatch(/addresses/i);
});

test('user tests with garbage: a PATCH is 200 with the user, where the collection has 204', async () => {
  const { send } = await anApi();
  const { body } = await send('POST', '/Users', aWholeBody('OMalley'));
  const path = `/Users/${body.id}`;

  const renamed = await send(
    'PATCH',
    path,
    patchBody({ op: 'Replace', path: 'userName', value: 'newusername' }),
  );
  const disabled = await send('PATCH', path, patchBody({ op: 'Replace', path: 'active', value: false }));
  const read = await send('GET', path);
  const addresses = [{ country: 'Germany', type: 'work', primary: false }];
  const put = await send('PUT', path, aWholeBody('OMalley', { id: body.id, active: false, addresses }));

  expect([renamed.status, disabled.status]).toEqual([200, 200]);
  expect(read.body).toMatchObject({ userName: 'newusername', active: false });
  expect([put.status, put.body.userName, put.body.active]).toEqual([200, 'OMalley', false]);
  expect(put.text).toContain('Germany');
});

test('user tests with garbage: an externalId is one person’s, where the collection gives it to many', async () => {
  const { send } = await anApi();
  const externalId = '22fbc523-6032-4c5f-939d-5d4850cf3e52';

  const first = await send('POST', '/Users', aWholeBody('emp1', { externalId }));

  expect(first.status).toBe(201);
  expectError(await send('POST', '/Users', aWholeBody('emp2', { externalId })), 409, 'uniqueness');
});

test('group tests with garbage: a member who is nobody is 400, where the collection has 204', async () => {
  const { groups } = await anApi();
  const externalId = '015489ea-9410-4306-b583-9f002b2446f7';
  const created = await groups.create({ displayName: 'Group 1', externalId, schemas: [groupUrn] });
  const id = created.body.id ?? '';

  const added = await groups.patch(id, { op: 'add', path: 'members', value: 'string id 1' });
  const bare = await groups.get(id, '?excludedAttributes=members');
  const put = await groups.put(id, { id, displayName: 'Tiffany Ortiz', schemas: [groupUrn] });

  expect([created.status, bare.status, put.status]).toEqual([201, 200, 200]);
  expectError(added, 400, 'invalidValue');
  expect(bare.body).not.toHaveProperty('members');
  expect(put.body['displayName']).toBe('Tiffany Ortiz');
  expect((await groups.remove(id)).status).toBe(204);
});
