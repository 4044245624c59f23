import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aPerson, aProvisionedUser, type Directory } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { enterpriseUrn } from '../people.ts';

let entra: Directory['entra'];

const directory = await aDirectory(await openWorld());
({ entra } = directory);

async function managerOf(id: string): Promise<unknown> {
  const { body } = await entra.getUser(id);
  return Object(body[enterpriseUrn])['manager'];
}

test.each([
  ['a string', `${enterpriseUrn}:manager`, (id: string) => id],
  ['a list of one', 'manager', (id: string) => [{ $ref: `http://x/Users/${id}`, value: id }]],
  ['an object', `${enterpriseUrn}:manager`, (id: string) => ({ value: id, $ref: null })],
  ['its value alone', `${enterpriseUrn}:manager.value`, (id: string) => id],
])('the manager may come as %s, and is found by what was stored', async (_, path, say) => {
  const [boss, id] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];

  const { status } = await entra.updateUser(id, { op: 'Add', path, value: say(boss) });

  expect(status).toBe(200);
  expect(await managerOf(id)).toEqual({ value: boss, $ref: `${directory.baseUrl}/Users/${boss}` });
  const filter = encodeURIComponent(`id eq "${id}" and manager eq "${boss}"`);
  const { body } = await directory.send('GET', `/Users?filter=${filter}&attributes=id`);
  expect(body.Resources).toEqual([{ schemas: expect.any(Array), id }]);
});

test('the manager may be somebody who is not provisioned yet', async () => {
  const id = await aProvisionedUser(directory);
  const stranger = crypto.randomUUID();

  await entra.updateUser(id, { op: 'Replace', path: 'manager', value: stranger });

  expect(await managerOf(id)).toMatchObject({ value: stranger });
});

test.each([
  { op: 'Replace', path: `${enterpriseUrn}:manager`, value: '' },
  { op: 'Remove', path: `${enterpriseUrn}:manager` },
  { op: 'Remove', path: 'manager' },
])('%j clears the manager, and a second time is no error', async (operation) => {
  const id = await aProvisionedUser(directory);
  await entra.updateUser(id, { op: 'Add', path: 'manager', value: 'x' });

  const first = await entra.updateUser(id, operation);
  const second = await entra.updateUser(id, operation);

  expect([first.status, second.status]).toEqual([200, 200]);
  expect(first.headers.get('etag')).toBe('W/"3"');
  expect(second.headers.get('etag')).toBe('W/"3"');
  expect(await managerOf(id)).toBeUndefined();
});

test.each([
  { op: 'Replace', path: 'title', value: '' },
  { op: 'Replace', path: 'title', value: null },
  { op: 'Remove', path: 'title' },
])('%j clears an attribute', async (operation) => {
  const id = await aProvisionedUser(directory);
  await entra.updateUser(id, { op: 'Add', path: 'title', value: 'x' });

  const { status, body } = await entra.updateUser(id, operation);

  expect([status, 'title' in body]).toEqual([200, false]);
});

test.each([
  { op: 'Replace', path: 'emails', value: [] },
  { op: 'Remove', path: 'emails' },
  { op: 'Remove', path: 'emails[type eq "work"]' },
])('%j clears a list, which is then not found any more', async (operation) => {
  const person = aPerson();
  const id = await aProvisionedUser(directory, person);

  const { status, body } = await entra.updateUser(id, operation);

  expect([status, 'emails' in body]).toEqual([200, false]);
  expect((await entra.findUser('emails.value', person.email)).body.totalResults).toBe(0);
});

test('a userName cannot be cleared', async () => {
  const id = await aProvisionedUser(directory);

  expectError(
    await entra.updateUser(id, { op: 'Replace', path: 'userName', value: '' }),
    400,
    'invalidValue',
  );
  expect((await entra.updateUser(id, { op: 'Remove', path: 'userName' })).status).toBe(400);
});

test('a user is deleted once: 204 without a body, then 404', async () => {
  const id = await aProvisionedUser(directory);

  const [first, second] = [await entra.deleteUser(id), await entra.deleteUser(id)];

  expect([first.status, first.text]).toEqual([204, '']);
  expectError(second, 404);
  expectError(await entra.getUser(id), 404);
  expectError(await entra.disableUser(id), 404);
});

test('a deleted user can be created again, and is the same user', async () => {
  const person = aPerson();
  const id = await aProvisionedUser(directory, person);
  await entra.deleteUser(id);

  const { status, body } = await entra.createUser(person);

  expect([status, body.id]).toEqual([201, id]);
});

test('the schemas are a list without a null, which Entra reads when its configuration is saved', async () => {
  const { status, body, text } = await directory.send('GET', '/Schemas');

  expect([status, body.totalResults]).toEqual([200, 3]);
  expect(text).not.toContain('null');
});

test('what was tolerated is logged by rule and attribute at debug level, and never a value', async () => {
  const id = await aProvisionedUser(directory);
  directory.logged.length = 0;

  await directory.send('PATCH', `/Users/${id}`, {
    body: {
      Operations: [
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Replace', value: { 'name.givenName': 'Confidential', favouriteColour: 'Confidential' } },
      ],
    },
  });

  expect(directory.logged).toMatchObject([
    {
      level: 20,
      requestId: expect.any(String),
      tenantId: directory.tenant.id,
      rules: expect.arrayContaining([
        'boolean-as-string: active',
        'dotted-key: name.givenName',
        'unknown-attribute-ignored: favouriteColour',
      ]),
    },
  ]);
  expect(JSON.stringify(directory.logged)).not.toContain('Confidential');
});
