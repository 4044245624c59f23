import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aPerson, type Directory } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { enterpriseUrn, userUrn } from '../people.ts';

// okta/okta-developer-docs: scim-20/index.md, concepts/scim/faqs; and its SPEC test, a Runscope collection.

let okta: Directory['okta'];

const world = await openWorld();
const directory = await aDirectory(world);
({ okta } = directory);

async function aUser(): Promise<string> {
  const { body } = await okta.createUser(aPerson());
  return body.id ?? '';
}

test('enabling the integration lists two users, with numbers for counts', async () => {
  await aUser();
  await aUser();
  await aUser();

  const { status, headers, body } = await okta.testConnection();

  expect([status, headers.get('content-type')]).toEqual([200, 'application/scim+json']);
  expect(body).toMatchObject({ startIndex: 1, itemsPerPage: 2, totalResults: expect.any(Number) });
  expect(body.Resources).toHaveLength(2);
});

test('the first page is the same however long it is asked for', async () => {
  const shorter = await directory.send('GET', '/Users?startIndex=1&count=2');
  const longer = await directory.send('GET', '/Users?startIndex=1&count=100');

  expect(longer.body.Resources?.slice(0, 2)).toEqual(shorter.body.Resources);
});

test('a user who is not there is looked up, created, and found in any case', async () => {
  const person = aPerson({ userName: 'test.user@okta.local' });

  const before = await okta.findUser(person.userName);
  const created = await okta.createUser(person);
  const found = await okta.findUser(person.userName);
  const upper = await okta.findUser(person.userName.toUpperCase());

  expect(before.body).toMatchObject({ totalResults: 0, Resources: [] });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({
    userName: 'test.user@okta.local',
    externalId: person.externalId,
    locale: 'en-US',
    displayName: 'Bob Builder',
    emails: [{ primary: true, type: 'work', value: person.email, display: person.email }],
  });
  expect(found.body.Resources).toEqual([created.body]);
  expect(upper.body.Resources).toEqual([created.body]);
  expectError(await okta.createUser(person), 409, 'uniqueness');
});

test('a password is taken, thrown away, and never returned; groups are ignored', async () => {
  const { text, body } = await okta.createUser(aPerson());

  expect(text).not.toContain('1mz050nq');
  expect(body).not.toHaveProperty('password');
  expect(body).not.toHaveProperty('groups');
  const stored = await world.inTenant(directory.tenant.id, ({ em }) =>
    em.execute('select * from users where id = ?', [body.id]),
  );
  expect(JSON.stringify(stored)).not.toContain('1mz050nq');
});

test('a profile is changed by sending back all that was read', async () => {
  const id = await aUser();
  const before = (await okta.getUser(id)).body;

  const { status, body, headers } = await okta.updateUser(id, {
    name: { givenName: 'Robert', familyName: 'Builder' },
    groups: [{ value: 'x' }],
    [enterpriseUrn]: { department: 'Sales' },
  });

  expect([status, headers.get('etag')]).toEqual([200, 'W/"2"']);
  expect(body).toMatchObject({
    ...before,
    schemas: [userUrn, enterpriseUrn],
    name: { givenName: 'Robert', familyName: 'Builder' },
    [enterpriseUrn]: { department: 'Sales' },
    meta: { created: Object(before['meta']).created, version: 'W/"2"' },
  });
  expect((await okta.getUser(id)).body).toEqual(body);
});

test('sending back what was read changes nothing, not even the version', async () => {
  const id = await aUser();
  const before = (await okta.getUser(id)).text;

  const { status, text } = await okta.updateUser(id, {});

  expect([status, text]).toEqual([200, before]);
  expect((await directory.audit(id)).map(({ action }) => action)).toEqual(['user.created']);
});

test('what a PUT leaves out is cleared, but an active that is left out stays as it was', async () => {
  const id = await aUser();
  await okta.deactivateUser(id);

  const { status, body } = await directory.send('PUT', `/Users/${id}`, {
    body: { userName: 'left@x.example' },
  });

  expect(status).toBe(200);
  expect(body).toEqual({
    schemas: [userUrn],
    id,
    userName: 'left@x.example',
    active: false,
    meta: expect.objectContaining({ version: 'W/"3"' }),
  });
});

test('another id in a PUT is ignored, and another id in a POST too', async () => {
  const [id, other] = [await aUser(), await aUser()];
  const before = (await okta.getUser(other)).text;

  const put = await okta.updateUser(id, { id: other, displayName: 'Mine' });
  const post = await directory.send('POST', '/Users', { body: { id: other, userName: 'fresh@x.example' } });

  expect(put.body).toMatchObject({ id, displayName: 'Mine' });
  expect(post.status).toBe(201);
  expect(post.body.id).not.toBe(other);
  expect((await okta.getUser(other)).text).toBe(before);
});

test('a PUT is refused without a userName and for one that is taken, and changes nothing', async () => {
  const taken = aPerson();
  await okta.createUser(taken);
  const id = await aUser();
  const before = (await okta.getUser(id)).text;

  expectError(await directory.send('PUT', `/Users/${id}`, { body: { active: false } }), 400, 'invalidValue');
  expectError(await okta.updateUser(id, { userName: taken.userName.toUpperCase() }), 409, 'uniqueness');
  expect((await okta.getUser(id)).text).toBe(before);
});

test('a user is deactivated and reactivated without a path, with the read-only id beside it', async () => {
  const id = await aUser();

  const off = await okta.deactivateUser(id);
  const on = await directory.send('PATCH', `/Users/${id}`, {
    body: { Operations: [{ op: 'replace', value: { id, active: true } }] },
  });

  expect([off.status, off.body.active]).toEqual([200, false]);
  expect([on.status, on.body.active]).toEqual([200, true]);
});

test('a user who is not there is 404 with a status that is a string', async () => {
  const answer = await okta.getUser('010101001010101011001010101011');

  expectError(answer, 404);
});

test('a token that is none is answered 401 as a SCIM error', async () => {
  const answer = await directory.send('GET', '/Users', { headers: { authorization: 'non-token' } });

  expectError(answer, 401);
});

test('the discovery that its test reads is there', async () => {
  const paths = ['/ServiceProviderConfig', '/ResourceTypes', '/ResourceTypes/User', '/Schemas'];
  const answers = await Promise.all(
    [...paths, `/Schemas/${userUrn}`, `/Schemas/${encodeURIComponent(enterpriseUrn)}`].map((path) =>
      directory.send('GET', path),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(answers[2]?.body).toMatchObject({
    id: 'User',
    endpoint: '/Users',
    meta: { location: `${directory.baseUrl}/ResourceTypes/User` },
  });
  expect(answers[5]?.body.id).toBe(enterpriseUrn);
  expectError(await directory.send('GET', '/Schemas?filter=id%20eq%20%22x%22'), 403);
});

test.each([
  ['?attributes=userName,name.givenName', ['schemas', 'id', 'userName', 'name']],
  ['?attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName', ['schemas', 'id', 'userName']],
  [
    '?excludedAttributes=emails,meta,locale,name',
    ['schemas', 'id', 'externalId', 'userName', 'displayName', 'active'],
  ],
])('%s shows these attributes of one user and of many, in answers to writes too', async (query, names) => {
  const id = await aUser();
  const filter = `&filter=${encodeURIComponent(`id eq "${id}"`)}`;
  const Operations = [{ op: 'add', path: 'nickName', value: 'B' }];

  const one = await directory.send('GET', `/Users/${id}${query}`);
  const many = await directory.send('GET', `/Users${query}${filter}`);
  const created = await directory.send('POST', `/Users${query}`, { body: { userName: crypto.randomUUID() } });
  const changed = await directory.send('PATCH', `/Users/${id}${query}`, { body: { Operations } });

  expect(sorted(one.body)).toEqual(names.toSorted());
  expect(sorted(many.body.Resources?.[0])).toEqual(names.toSorted());
  expect(names).toEqual(expect.arrayContaining(sorted(created.body)));
  expect(sorted(changed.body).filter((name) => name !== 'nickName')).toEqual(names.toSorted());
});

function sorted(body: object = {}): string[] {
  return Object.keys(body).toSorted();
}

test('attributes with excludedAttributes are refused before anything is written', async () => {
  const userName = 'both@x.example';

  const answer = await directory.send('POST', '/Users?attributes=id&excludedAttributes=name', {
    body: { userName },
  });

  expectError(answer, 400, 'invalidValue');
  expect((await okta.findUser(userName)).body.totalResults).toBe(0);
});
