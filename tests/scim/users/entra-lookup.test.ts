import { expect, test } from 'vitest';
import { findPath } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aPerson, aProvisionedUser, type Directory } from '../directory.ts';
import { userUrn } from '../people.ts';

let entra: Directory['entra'];

const directory = await aDirectory(await openWorld());
({ entra } = directory);

const emptyList = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: 0,
  startIndex: 1,
  itemsPerPage: 0,
  Resources: [],
};

test('Test Connection finds nobody, whatever attribute is matched by', async () => {
  const answers = [
    await entra.testConnection(),
    await entra.findUser('externalId', crypto.randomUUID()),
    await entra.findUser('emails[type eq "work"].value', 'nobody@x.example'),
  ];

  for (const { status, headers, body } of answers) {
    expect([status, headers.get('content-type'), body]).toEqual([200, 'application/scim+json', emptyList]);
  }
});

test('a user is found by userName, externalId, e-mail and id, active or not, until it is deleted', async () => {
  const person = aPerson({ userName: 'Test_User_1@X.example', externalId: 'jyoung' });
  const id = await aProvisionedUser(directory, person);
  const filters = [
    'userName eq "Test_User_1@X.example"',
    'USERNAME EQ "test_user_1@x.EXAMPLE"',
    'externalId eq "jyoung"',
    'externalId eq jyoung',
    `emails[type eq "work"].value eq "${person.email}"`,
    `emails.value eq "${person.email.toUpperCase()}"`,
    `id eq "${id}" and active eq "False"`,
    `${userUrn}:userName eq "test_user_1@x.example"`,
  ];
  await entra.disableUser(id);

  const found = await Promise.all(filters.map((filter) => directory.send('GET', findPath(filter))));
  await entra.deleteUser(id);
  const gone = await Promise.all(filters.map((filter) => directory.send('GET', findPath(filter))));

  expect(found.map(({ body }) => body)).toEqual(
    filters.map(() =>
      expect.objectContaining({
        totalResults: 1,
        itemsPerPage: 1,
        startIndex: 1,
        Resources: [expect.objectContaining({ id, userName: 'Test_User_1@X.example', active: false })],
      }),
    ),
  );
  expect(gone.map(({ body }) => body)).toEqual(filters.map(() => emptyList));
});

test('externalId is exact, and an e-mail is found by the type of the same e-mail only', async () => {
  const id = await aProvisionedUser(directory, { externalId: 'Exact-1' });
  await entra.updateUser(id, {
    op: 'Replace',
    path: 'emails',
    value: [
      { type: 'home', value: 'a@corr.example' },
      { type: 'work', value: 'b@corr.example' },
    ],
  });
  const count = async (filter: string) => (await directory.send('GET', findPath(filter))).body.totalResults;

  expect(await count('externalId eq "exact-1"')).toBe(0);
  expect(await count('emails[type eq "work"].value eq "a@corr.example"')).toBe(0);
  expect(await count('emails[type eq "work" and value eq "b@corr.example"]')).toBe(1);
  expect(await count('emails eq "a@corr.example"')).toBe(1);
});
