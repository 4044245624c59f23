import { expect, test } from 'vitest';
import { isKnown, readPreconditions, requireVersion } from '../../scim/preconditions.ts';
import { patchBody } from '../support/scim-client.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory, aPerson, aProvisionedUser } from './directory.ts';
import { expectError } from './expected-error.ts';
import { aGroup, memberIds } from './groups/group-clients.ts';

const directory = await aDirectory(await openWorld());
const { send, entra } = directory;

const rename = patchBody({ op: 'replace', path: 'title', value: 'Boss' });

function read(headers: Record<string, string>) {
  return readPreconditions(new Headers(headers));
}

/** Every way to write to a user. */
function writes(id: string) {
  return [
    ['PUT', `/Users/${id}`, { body: { userName: crypto.randomUUID() } }],
    ['PATCH', `/Users/${id}`, { body: rename }],
    ['DELETE', `/Users/${id}`, {}],
  ] as const;
}

test.each([
  ['W/"3"', true],
  ['"3"', true],
  ['*', true],
  [' * ', true],
  ['W/"2", W/"3"', true],
  ['"a,b",W/"3"', true],
  ['"a,b" ,\t"3"', true],
  ['W/"2"', false],
  ['"33", "3 "', null],
  ['""', false],
  ['W/"3', null],
  ['3', null],
  ['w/"3"', null],
  ['"3" "4"', null],
  ['W/"3",', null],
  ['', null],
  ['*, "3"', null],
])('the condition %j names version 3: %j, where null is 400', (text, expected) => {
  const judge = (name: string) => {
    try {
      return isKnown(read({ [name]: text }), 3) || name === 'if-match';
    } catch (error) {
      return Object(error).status === 412 ? false : [Object(error).status, Object(error).scimType];
    }
  };

  const answer = expected ?? [400, 'invalidValue'];
  expect([judge('if-match'), judge('if-none-match')]).toEqual([answer, answer]);
});

test('without a condition every version is written to, and none is known', () => {
  const none = read({});

  expect(() => requireVersion(none, 7)).not.toThrow();
  expect(isKnown(none, 7)).toBe(false);
});

test('a write that names another version is 412 for PUT, PATCH and DELETE, and changes nothing', async () => {
  const id = await aProvisionedUser(directory);
  const before = (await entra.getUser(id)).text;

  for (const headers of [{ 'if-match': 'W/"2"' }, { 'if-none-match': '*' }, { 'if-none-match': 'W/"1"' }]) {
    for (const [method, path, message] of writes(id)) {
      expectError(await send(method, path, { ...message, headers }), 412);
    }
  }

  expect((await entra.getUser(id)).text).toBe(before);
});

test('a condition that cannot be read is 400, and lets no write through', async () => {
  const id = await aProvisionedUser(directory);

  for (const [method, path, message] of writes(id)) {
    const answer = await send(method, path, { ...message, headers: { 'if-match': '1' } });
    expectError(answer, 400, 'invalidValue');
  }

  expect((await entra.getUser(id)).headers.get('etag')).toBe('W/"1"');
});

test('a write that names the version, a list with it, or any, succeeds', async () => {
  const id = await aProvisionedUser(directory);
  const [put, patch, remove] = writes(id);

  const answers = [
    await send(put[0], put[1], { ...put[2], headers: { 'if-match': 'W/"1"' } }),
    await send(patch[0], patch[1], { ...patch[2], headers: { 'if-match': '"7", W/"2"' } }),
    await send(patch[0], patch[1], { ...patch[2], headers: { 'if-none-match': 'W/"2"' } }),
    await send(remove[0], remove[1], { headers: { 'if-match': '*' } }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 204]);
  expect(answers.map(({ headers }) => headers.get('etag'))).toEqual(['W/"2"', 'W/"3"', 'W/"3"', null]);
});

test('a stale condition is 412 even where the write would change nothing', async () => {
  const id = await aProvisionedUser(directory);
  await send('PATCH', `/Users/${id}`, { body: rename });

  const again = await send('PATCH', `/Users/${id}`, { body: rename, headers: { 'if-match': 'W/"1"' } });

  expectError(again, 412);
});

test('a user who is not there is 404 under any condition', async () => {
  for (const [method, path, message] of writes(crypto.randomUUID())) {
    expectError(await send(method, path, { ...message, headers: { 'if-match': '*' } }), 404);
  }
});

test.each(['PUT', 'PATCH', 'DELETE'])(
  'of ten parallel %ss with the same If-Match exactly one succeeds and nine are 412, or 404 once it is gone',
  async (method) => {
    const id = await aProvisionedUser(directory);
    const bodyOf = (title: string) =>
      method === 'PUT'
        ? { userName: `${title}@x.example` }
        : patchBody({ op: 'replace', path: 'title', value: title });

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        send(method, `/Users/${id}`, {
          ...(method !== 'DELETE' && { body: bodyOf(`${id}-${index}`) }),
          headers: { 'if-match': 'W/"1"' },
        }),
      ),
    );

    const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
    const [won, lost] = method === 'DELETE' ? [204, 404] : [200, 412];
    expect(statuses).toEqual([won, ...Array.from({ length: 9 }, () => lost)]);
  },
);

test('a read is 304 without a body for the version that the client has, and 200 once it has changed', async () => {
  const created = await entra.createUser(aPerson());
  const path = `/Users/${created.body.id}`;
  const headers = { 'if-none-match': created.headers.get('etag') ?? '' };

  const known = await send('GET', path, { headers });
  const head = await send('HEAD', path, { headers });
  await send('PATCH', path, { body: rename });
  const changed = await send('GET', path, { headers });
  const any = await send('GET', path, { headers: { 'if-none-match': '*' } });

  expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', 'W/"1"']);
  expect([head.status, head.headers.get('etag')]).toEqual([304, 'W/"1"']);
  expect([changed.status, changed.headers.get('etag')]).toEqual([200, 'W/"2"']);
  expect(any.status).toBe(304);
});

test('a read that names another version is 412, and its own is 200', async () => {
  const path = `/Users/${await aProvisionedUser(directory)}`;

  expectError(await send('GET', path, { headers: { 'if-match': 'W/"9"' } }), 412);
  expect((await send('GET', path, { headers: { 'if-match': 'W/"1"' } })).status).toBe(200);
});

test('the version in meta, the ETag and what a condition takes are the same', async () => {
  const { body, headers } = await entra.getUser(await aProvisionedUser(directory));

  expect(body).toMatchObject({ meta: { version: headers.get('etag') } });
});

test('of ten parallel writes to a group with the same If-Match exactly one succeeds and nine are 412', async () => {
  const people = await Promise.all(Array.from({ length: 10 }, () => aProvisionedUser(directory)));
  const id = await aGroup(directory);
  const headers = { 'if-match': 'W/"1"' };

  const answers = await Promise.all(
    people.map((value) => {
      const body = patchBody({ op: 'Add', path: 'members', value: [{ value }] });
      return send('PATCH', `/Groups/${id}`, { body, headers });
    }),
  );

  const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
  expect(statuses).toEqual([204, ...Array.from({ length: 9 }, () => 412)]);
  expect(memberIds(await send('GET', `/Groups/${id}`))).toHaveLength(1);
  expectError(await send('PUT', `/Groups/${id}`, { body: { displayName: 'x' }, headers }), 412);
  expectError(await send('DELETE', `/Groups/${id}`, { headers }), 412);
  expect((await send('GET', `/Groups/${id}`, { headers: { 'if-none-match': 'W/"2"' } })).status).toBe(304);
  expect((await send('DELETE', `/Groups/${id}`, { headers: { 'if-match': '*' } })).status).toBe(204);
});
