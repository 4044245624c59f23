import { expect, test } from 'vitest';
import { findReferences, resolveReferences } from '../../../scim/bulk/bulk-references.ts';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { enterpriseUrn } from '../people.ts';
import { creation, idAt, sendBulk } from './bulk-body.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const { entra } = directory;

/** Somebody whose manager is whom another operation creates. */
function reportOf(bulkId: string, manager: string, more: object = {}) {
  const extension = { department: 'Sales', manager: { value: `bulkId:${manager}` } };
  return creation(bulkId, { displayName: bulkId, [enterpriseUrn]: extension, ...more });
}

async function managerOf(id: string): Promise<string | undefined> {
  const { body } = await entra.getUser(id);
  return (body[enterpriseUrn] as { manager?: { value: string } } | undefined)?.manager?.value;
}

test('a reference is resolved before and after what it refers to, and from wherever it stands', async () => {
  const { done, statuses } = await sendBulk(directory, [
    reportOf('first', 'boss'),
    creation('boss'),
    reportOf('last', 'boss'),
    creation('as-text', { [enterpriseUrn]: { manager: 'bulkId:boss' } }),
    { method: 'PUT', path: '/Users/bulkId:boss', data: { userName: crypto.randomUUID(), title: 'Boss' } },
    {
      method: 'PATCH',
      path: '/Users/bulkId:late',
      data: patchBody({ op: 'Add', path: 'manager', value: [{ value: 'bulkId:boss' }] }),
    },
    creation('late'),
    { method: 'DELETE', path: '/Users/bulkId:gone' },
    creation('gone'),
  ]);

  expect(statuses).toEqual(['201', '201', '201', '201', '200', '200', '201', '204', '201']);
  const [first, boss, last, asText, put, patched, late, deleted, gone] = done.map(idAt);
  for (const report of [first, last, asText, late]) expect(await managerOf(report ?? '')).toBe(boss);
  expect([put, patched, deleted]).toEqual([boss, late, gone]);
  expect((await entra.getUser(boss ?? '')).body['title']).toBe('Boss');
  expect((await entra.getUser(gone ?? '')).status).toBe(404);
});

test('references in a circle are all set: two managers of each other, three around, one of itself', async () => {
  const { done, statuses } = await sendBulk(directory, [
    reportOf('a', 'b'),
    reportOf('b', 'a'),
    reportOf('x', 'y'),
    reportOf('y', 'z'),
    reportOf('z', 'x'),
    reportOf('own', 'own'),
  ]);

  const [a, b, x, y, z, own] = done.map(idAt);
  expect(statuses).toEqual(Array.from({ length: 6 }, () => '201'));
  expect(await Promise.all([a, b, x, y, z, own].map((id = '') => managerOf(id)))).toEqual([
    b,
    a,
    y,
    z,
    x,
    own,
  ]);
  for (const { version, location } of done) {
    const { headers, body } = await entra.getUser(location?.split('/').at(-1) ?? '');
    expect(headers.get('etag')).toBe(version);
    expect(body[enterpriseUrn]).toMatchObject({ department: 'Sales' });
  }
});

test('a chain of references is followed to its end, however long', async () => {
  const length = 60;
  const chain = Array.from({ length }, (_, index) =>
    index + 1 < length ? reportOf(`c${index}`, `c${index + 1}`) : creation(`c${index}`),
  );

  const { done, statuses } = await sendBulk(directory, chain);

  expect(new Set(statuses)).toEqual(new Set(['201']));
  expect(done.map(({ version }) => version)).toEqual(chain.map(() => 'W/"1"'));
  expect(await managerOf(idAt(done[0]))).toBe(idAt(done[1]));
  expect(await managerOf(idAt(done[length - 2]))).toBe(idAt(done[length - 1]));
});

test('what refers to nobody is 400, to a creation that failed 409, and neither is created', async () => {
  const taken = creation('taken');
  const operations = [
    reportOf('a', 'nobody'),
    taken,
    { ...taken, bulkId: 'twin' },
    reportOf('b', 'twin'),
    reportOf('c', 'b'),
    { method: 'DELETE', path: '/Users/bulkId:twin' },
    { method: 'DELETE', path: '/Users/bulkId:nobody' },
    reportOf('d', 'taken'),
    { ...creation('taken'), path: '/Users' },
  ];

  const { statuses } = await sendBulk(directory, operations);

  expect(statuses).toEqual(['400', '201', '409', '409', '409', '409', '400', '201', '400']);
  for (const index of [0, 3, 4]) {
    const { data } = operations[index] as ReturnType<typeof creation>;
    expect((await entra.findUser('userName', data.userName)).body.totalResults).toBe(0);
  }
});

test('where a circle cannot be closed, who was created already says so, and where', async () => {
  const { done, statuses } = await sendBulk(directory, [
    reportOf('a', 'b', { userName: '' }),
    reportOf('b', 'a'),
  ]);

  expect(statuses).toEqual(['400', '409']);
  expect(done[0]).not.toHaveProperty('location');
  expect(await managerOf(idAt(done[1]))).toBeUndefined();
  expect((await entra.getUser(idAt(done[1]))).body['displayName']).toBe('b');
});

test('what a failure stops is not created for a reference, either', async () => {
  const bad = { method: 'DELETE', path: '/Users/nobody' };

  const { statuses } = await sendBulk(
    directory,
    [reportOf('a', 'b'), reportOf('b', 'c'), { ...creation('c'), data: { userName: '' } }, bad],
    { failOnErrors: 1 },
  );

  expect(statuses).toEqual(['400']);
});

test('references are found in values and paths at any depth, and nothing else is taken for one', () => {
  const value = {
    members: [{ value: 'bulkId:a' }, { value: 'plain' }],
    Operations: [{ op: 'remove', path: 'members[value eq "bulkId:b" or value eq "bulkId:c"]' }],
    [enterpriseUrn]: { manager: 'bulkId:d' },
    displayName: 'not bulkId:e',
    title: '"bulkId:f"',
  };

  expect([...findReferences(value)]).toEqual(['a', 'b', 'c', 'd']);
  expect(resolveReferences(value, (bulkId) => `id of ${bulkId}`)).toEqual({
    members: [{ value: 'id of a' }, { value: 'plain' }],
    Operations: [{ op: 'remove', path: 'members[value eq "id of b" or value eq "id of c"]' }],
    [enterpriseUrn]: { manager: 'id of d' },
    displayName: 'not bulkId:e',
    title: '"bulkId:f"',
  });
});

test('a reference that stays open is left out with the element that it is the value of, and no more', () => {
  const value = {
    displayName: 'x',
    members: [{ value: 'bulkId:open', type: 'User' }, { value: 'bulkId:known' }],
    manager: { value: 'bulkId:open', displayName: 'Boss' },
    [enterpriseUrn]: { department: 'Sales', manager: 'bulkId:open' },
  };

  expect(resolveReferences(value, (bulkId) => (bulkId === 'open' ? null : '7'))).toEqual({
    displayName: 'x',
    members: [{ value: '7' }],
    [enterpriseUrn]: { department: 'Sales' },
  });
});

test('a key called __proto__ stays a key', () => {
  const value: unknown = JSON.parse('{"__proto__":{"value":"bulkId:a"},"constructor":"bulkId:a"}');

  const resolved = resolveReferences(value, () => '7');

  expect(JSON.stringify(resolved)).toBe('{"__proto__":{"value":"7"},"constructor":"7"}');
});
