import { expect, test } from 'vitest';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aPerson, aProvisionedUser, type Directory } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { enterpriseUrn, userUrn } from '../people.ts';

// The rows are those of Microsoft's own pages: use-scim-to-provision-users-and-groups.md,
// application-provisioning-config-problem-scim-compatibility.md (MicrosoftDocs/entra-docs).

let entra: Directory['entra'];

const directory = await aDirectory(await openWorld());
({ entra } = directory);

test('creating answers 201 with the whole user, its Location and its ETag', async () => {
  const person = aPerson();

  const { status, headers, body } = await entra.createUser(person);

  const location = `${directory.baseUrl}/Users/${body.id}`;
  expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, location, 'W/"1"']);
  expect(body).toEqual({
    schemas: [userUrn],
    id: expect.any(String),
    externalId: person.externalId,
    userName: person.userName,
    active: true,
    name: { formatted: 'Bob Builder', familyName: 'Builder', givenName: 'Bob' },
    emails: [{ primary: true, type: 'work', value: person.email }],
    meta: {
      resourceType: 'User',
      created: expect.stringMatching(/Z$/),
      lastModified: expect.stringMatching(/Z$/),
      location,
      version: 'W/"1"',
    },
  });
  expect((await entra.getUser(body.id ?? '')).body).toEqual(body);
});

test('the second example of the documentation, with nulls and a misspelt URN, creates a user', async () => {
  const { status, body, text } = await directory.send('POST', '/Users', {
    body: {
      schemas: [userUrn, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
      userName: 'example2@x.example',
      active: 'True',
      addresses: null,
      phoneNumbers: null,
      preferredLanguage: null,
      title: null,
      department: null,
      manager: null,
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { department: 'Sales' },
    },
  });

  expect(status, text).toBe(201);
  expect(body).toMatchObject({ active: true, [enterpriseUrn]: { department: 'Sales' } });
  expect(text).not.toContain('null');
});

test('a user may be created inactive', async () => {
  const { status, body } = await directory.send('POST', '/Users', {
    body: { userName: 'inactive@x.example', active: false },
  });

  expect([status, body.active]).toEqual([201, false]);
});

test('a userName that is taken, in any case, and an externalId that is taken are 409 uniqueness', async () => {
  const first = aPerson();
  await entra.createUser(first);

  expectError(await entra.createUser(first), 409, 'uniqueness');
  expectError(await entra.createUser(aPerson({ userName: first.userName.toUpperCase() })), 409, 'uniqueness');
  expectError(await entra.createUser(aPerson({ externalId: first.externalId })), 409, 'uniqueness');
});

test.each([
  ['Replace', 'active', 'False'],
  ['replace', 'active', false],
  ['Replace', 'active', 'false'],
  ['Replace', 'Active', 'False'],
  ['Add', 'active', 'False'],
  ['replace', undefined, { active: false }],
] as const)(
  '%s %s with %j disables, and the user is still there with a real boolean',
  async (op, path, value) => {
    const id = await aProvisionedUser(directory);

    const { status, body } = await entra.updateUser(id, { op, ...(path && { path }), value });

    expect([status, body.active]).toEqual([200, false]);
    expect((await entra.getUser(id)).body.active).toBe(false);
    expect((await entra.enableUser(id)).body.active).toBe(true);
  },
);

test('several replacements in one request are one change', async () => {
  const id = await aProvisionedUser(directory);

  const { status, body, headers } = await entra.updateUser(
    id,
    { op: 'Replace', path: 'displayName', value: 'Bjfe' },
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@x.example' },
    { op: 'Replace', path: 'name.givenName', value: 'Kkom' },
    { op: 'Replace', path: 'name.familyName', value: 'Unua' },
    { op: 'Replace', path: 'externalId', value: 'ext-7' },
    { op: 'Replace', path: `${enterpriseUrn}:employeeNumber`, value: 'Aklq' },
  );

  expect([status, headers.get('etag')]).toEqual([200, 'W/"2"']);
  expect(body).toMatchObject({
    displayName: 'Bjfe',
    emails: [{ type: 'work', primary: true, value: 'new@x.example' }],
    name: { givenName: 'Kkom', familyName: 'Unua' },
    externalId: 'ext-7',
    [enterpriseUrn]: { employeeNumber: 'Aklq' },
  });
});

test('with the flag, dotted and URN-prefixed keys of a value are paths', async () => {
  const id = await aProvisionedUser(directory);
  const body = patchBody(
    { op: 'replace', path: 'emails[type eq "work"].value', value: 'flag@x.example' },
    {
      op: 'replace',
      value: {
        displayName: 'Bjfe',
        'name.givenName': 'Kkom',
        'name.familyName': 'Unua',
        [`${enterpriseUrn}:employeeNumber`]: 'Aklq',
      },
    },
  );

  const answer = await directory.send('PATCH', `/Users/${id}?aadOptscim062020`, { body });

  expect(answer.body).toMatchObject({
    displayName: 'Bjfe',
    name: { givenName: 'Kkom', familyName: 'Unua' },
    emails: [{ value: 'flag@x.example' }],
    [enterpriseUrn]: { employeeNumber: 'Aklq' },
  });
});

test('an operation that fails undoes those before it', async () => {
  const taken = aPerson();
  await entra.createUser(taken);
  const id = await aProvisionedUser(directory);
  const before = (await entra.getUser(id)).text;
  const title = { op: 'Replace', path: 'title', value: 'Boss' };

  const clash = await entra.updateUser(id, title, { op: 'Replace', path: 'userName', value: taken.userName });
  const wrong = await entra.updateUser(id, title, { op: 'Replace', path: 'active', value: 'perhaps' });

  expectError(clash, 409, 'uniqueness');
  expectError(wrong, 400, 'invalidValue');
  expect((await entra.getUser(id)).text).toBe(before);
});

test('the paths of the default mapping make what is not there yet, with capitals in their names too', async () => {
  const { body } = await directory.send('POST', '/Users', { body: { userName: 'mapped@x.example' } });

  const answer = await entra.updateUser(
    body.id ?? '',
    { op: 'Add', path: 'emails[type eq "work"].value', value: 'w@x.example' },
    { op: 'Add', path: 'emails[type eq "other"].Value', value: 'o@x.example' },
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
    { op: 'Replace', path: 'phoneNumbers[type eq "fax"].value', value: '2' },
    { op: 'Add', path: 'addresses[type eq "work"].streetAddress', value: 'Main 1' },
    { op: 'Add', path: 'addresses[type eq "work"].country', value: 'NZ' },
    { op: 'Add', path: 'addresses[type eq "other"].Formatted', value: 'Elsewhere' },
    { op: 'Add', path: 'roles[primary eq "True"].value', value: 'lead' },
    { op: 'Add', path: 'roles[primary eq "True"].display', value: 'Lead' },
  );

  expect(answer.body).toMatchObject({
    emails: [
      { type: 'work', value: 'w@x.example' },
      { type: 'other', value: 'o@x.example' },
    ],
    phoneNumbers: [
      { type: 'mobile', value: '1' },
      { type: 'fax', value: '2' },
    ],
    addresses: [
      { type: 'work', streetAddress: 'Main 1', country: 'NZ' },
      { type: 'other', formatted: 'Elsewhere' },
    ],
    roles: [{ primary: true, value: 'lead', display: 'Lead' }],
  });
});
