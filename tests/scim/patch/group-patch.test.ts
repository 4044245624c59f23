import { expect, test } from 'vitest';
import { readGroupPatch } from '../../../scim/patch/group-patch.ts';
import { readPatch } from '../../../scim/patch/patch.ts';

const read = (...operations: object[]) => readGroupPatch(readPatch({ Operations: operations }));
const remove = (path: string) => read({ op: 'remove', path }).members;

test.each([
  [
    'one object where a list belongs, as Rippling sends it',
    { value: 'a' },
    ['list-as-single-value: members'],
  ],
  ['a bare id', 'a', ['list-as-single-value: members', 'complex-as-string: members']],
  ['a list of bare ids', ['a'], ['complex-as-string: members']],
  ['names in another case', [{ Value: 'a' }], ['attribute-name-case: members.Value']],
  [
    'nulls beside the id, as Entra sends them',
    [{ value: 'a', $ref: null }],
    ['null-reference: members.$ref'],
  ],
  ['a type that is wrong', [{ value: 'a', type: 'Group' }], []],
  ['what is unknown', [{ value: 'a', since: 1 }], ['unknown-attribute-ignored: members.since']],
])('a member is read from %s', (_, value, normalized) => {
  expect(read({ op: 'Add', path: 'members', value })).toEqual({
    attributes: {},
    members: [{ op: 'add', ids: ['a'] }],
    normalized,
  });
});

test.each([
  ['an empty list', []],
  ['null', null],
  ['""', ''],
  ['an element without an id', [{ $ref: null }]],
  ['an element whose id is null', [{ value: null }]],
  ['an element whose id is ""', [{ value: '' }]],
  ['one with an id and one without', [{ value: 'a' }, {}]],
  ['a number', 7],
])('a Remove of members by %s says not whom, and is refused', (_, value) => {
  expect(() => read({ op: 'Remove', path: 'members', value })).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidValue' }),
  );
});

test('members are selected by their id, by several too, in any spelling', () => {
  expect(remove('members[value eq "a"]')).toEqual([{ op: 'remove', ids: ['a'] }]);
  expect(remove('Members[VALUE EQ "a" or value eq "b"]')).toEqual([{ op: 'remove', ids: ['a', 'b'] }]);
  expect(remove('urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq "a"]')).toEqual([
    { op: 'remove', ids: ['a'] },
  ]);
});

test('attributes and members come out of a value without a path, and what is read-only does not', () => {
  const value = { id: 'x', displayName: 'Sales', externalId: null, members: [{ value: 'a' }], meta: {} };

  expect(read({ op: 'replace', value })).toMatchObject({
    attributes: { displayName: 'Sales', externalId: null },
    members: [{ op: 'replace', ids: ['a'] }],
  });
});

test('the last word on an attribute counts', () => {
  const { attributes } = read(
    { op: 'replace', path: 'displayName', value: 'One' },
    { op: 'add', path: 'externalId', value: 'x' },
    { op: 'replace', value: { displayName: 'Two' } },
    { op: 'remove', path: 'externalId' },
  );

  expect(attributes).toEqual({ displayName: 'Two', externalId: null });
});

test.each([
  [{ op: 'replace', path: 'colour', value: 'red' }, 'invalidPath'],
  [{ op: 'purge', path: 'members' }, 'invalidSyntax'],
  [{ op: 'remove' }, 'noTarget'],
  [{ op: 'remove', path: 'displayName' }, 'mutability'],
  [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
  [{ op: 'replace', path: 'members.display', value: 'x' }, 'mutability'],
  [{ op: 'replace', path: 'members.value', value: 'x' }, 'mutability'],
  [{ op: 'replace', path: 'members[value eq "x"]', value: { value: 'y' } }, 'invalidPath'],
  [{ op: 'remove', path: 'members[colour eq "x"]' }, 'invalidFilter'],
  [{ op: 'replace', path: 'displayName', value: '' }, 'invalidValue'],
  [{ op: 'replace', path: 'displayName', value: 'x'.repeat(513) }, 'invalidValue'],
  [{ op: 'replace', path: 'members', value: null }, 'invalidValue'],
  [{ op: 'add', value: { displayName: null } }, 'invalidValue'],
])('%j is refused as %s', (operation, scimType) => {
  expect(() => read(operation)).toThrow(expect.objectContaining({ status: 400, scimType }));
});
