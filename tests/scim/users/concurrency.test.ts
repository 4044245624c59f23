import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aPerson, aProvisionedUser } from '../directory.ts';

const directory = await aDirectory(await openWorld());

test.each([
  ['the same userName', (name: string) => [name, name]],
  ['userNames that differ in case', (name: string) => [name.toLowerCase(), name.toUpperCase()]],
  ['userNames that differ in Unicode form', (name: string) => [`é${name}`, `e\u0301${name}`]],
])('of two parallel creations with %s one is 201 and one is 409', async (_, say) => {
  const userNames = say(crypto.randomUUID());

  const answers = await Promise.all(
    userNames.map((userName) => directory.send('POST', '/Users', { body: { userName } })),
  );

  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([201, 409]);
  expect(answers.find(({ status }) => status === 409)?.body['scimType']).toBe('uniqueness');
  for (const userName of userNames) {
    expect((await directory.entra.findUser('userName', userName)).body.totalResults).toBe(1);
  }
});

test('of ten parallel creations with one externalId one is 201 and nine are 409', async () => {
  const externalId = crypto.randomUUID();

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => directory.entra.createUser(aPerson({ externalId }))),
  );

  const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
  expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
});

test('of 25 parallel PATCHes of one user none is lost: all are 2xx, and each is one version', async () => {
  const id = await aProvisionedUser(directory);
  const types = Array.from({ length: 25 }, (_, index) => `type-${index}`);

  const answers = await Promise.all(
    types.map((type) =>
      directory.entra.updateUser(id, {
        op: 'Add',
        path: 'emails',
        value: [{ type, value: `${type}@x.example` }],
      }),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual(types.map(() => 200));
  const etags = answers.map(({ headers }) => headers.get('etag'));
  expect(new Set(etags)).toEqual(new Set(types.map((_, index) => `W/"${index + 2}"`)));
  const { body } = await directory.entra.getUser(id);
  expect(body).toMatchObject({ meta: { version: 'W/"26"' } });
  expect(new Set((body['emails'] as { type: string }[]).map(({ type }) => type))).toEqual(
    new Set(['work', ...types]),
  );
  const actions = (await directory.audit(id)).map(({ action }) => action);
  expect(actions.filter((action) => action === 'user.updated')).toHaveLength(25);
});

test('of 25 parallel PATCHes that all disable one user one is a change', async () => {
  const id = await aProvisionedUser(directory);

  const answers = await Promise.all(Array.from({ length: 25 }, () => directory.entra.disableUser(id)));

  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await directory.entra.getUser(id)).body).toMatchObject({
    active: false,
    meta: { version: 'W/"2"' },
  });
  expect((await directory.audit(id)).map(({ action }) => action)).toEqual([
    'user.created',
    'user.deactivated',
  ]);
});

test('of ten parallel deletions of one user one is 204 and the others are 404', async () => {
  const id = await aProvisionedUser(directory);

  const answers = await Promise.all(Array.from({ length: 10 }, () => directory.entra.deleteUser(id)));

  const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
  expect(statuses).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
});
