import { expect, test } from 'vitest';
import { applyPatch, readPatch } from '../../../scim/patch/patch.ts';
import { aRecord, aUser, enterpriseUrn, patch, userUrn } from '../people.ts';

const work = { type: 'work', value: 'b@x.com' };

function refusal(status: number, scimType: string) {
  return expect.objectContaining({ status, scimType });
}

test.each([
  ['no body', null, 'invalidSyntax'],
  ['no operations', {}, 'invalidSyntax'],
  ['an empty list', { Operations: [] }, 'invalidSyntax'],
  ['an unknown op', { Operations: [{ op: 'move', path: 'title', value: 'x' }] }, 'invalidSyntax'],
  ['no op', { Operations: [{ path: 'title', value: 'x' }] }, 'invalidSyntax'],
  ['a path that is no string', { Operations: [{ op: 'add', path: 7, value: 'x' }] }, 'invalidPath'],
  ['an add without a value', { Operations: [{ op: 'add', path: 'title' }] }, 'invalidValue'],
  ['a remove without a path', { Operations: [{ op: 'remove' }] }, 'noTarget'],
  ['NUL', { Operations: [{ op: 'add', path: 'title', value: 'a\0b' }] }, 'invalidValue'],
  [
    'too much',
    { Operations: Array.from({ length: 10_001 }, () => ({ op: 'remove', path: 'title' })) },
    'tooMany',
  ],
])('a body with %s is refused', (_, body, scimType) => {
  expect(() => readPatch(body)).toThrow(refusal(400, scimType));
});

test('names and verbs of the body are read without case', () => {
  const operations = readPatch({ operations: [{ OP: 'ADD', Path: 'title', VALUE: 'x' }] });

  expect(operations).toEqual([{ op: 'add', path: 'title', value: 'x' }]);
});

test.each([
  ['an unknown path', { op: 'replace', path: 'shoeSize', value: '44' }, 'invalidPath'],
  ['an unknown part', { op: 'replace', path: 'name.shoeSize', value: '44' }, 'invalidPath'],
  ['an empty path', { op: 'replace', path: '', value: 'x' }, 'invalidPath'],
  ['the path id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
  ['the path meta.created', { op: 'replace', path: 'meta.created', value: 'x' }, 'mutability'],
  ['the path groups', { op: 'add', path: 'groups', value: [{ value: 'g' }] }, 'mutability'],
  ['the path of a computed part', { op: 'add', path: 'manager.displayName', value: 'x' }, 'mutability'],
  [
    'the path of a reference, which follows its value',
    { op: 'add', path: 'manager.$ref', value: 'x' },
    'mutability',
  ],
  ['removing what is required', { op: 'remove', path: 'userName' }, 'mutability'],
  ['removing active, which would neither be true nor false', { op: 'remove', path: 'active' }, 'mutability'],
  ['a value that is no object without a path', { op: 'replace', value: 'x' }, 'invalidValue'],
  ['a number for a string', { op: 'replace', path: 'title', value: 7 }, 'invalidValue'],
  ['a string for a name', { op: 'replace', path: 'name', value: 'Bob' }, 'invalidValue'],
  ['a number for a list', { op: 'add', path: 'emails', value: [7] }, 'invalidValue'],
  ['no base64', { op: 'add', path: 'x509Certificates', value: [{ value: '§' }] }, 'invalidValue'],
])('%s is refused', (_, operation, scimType) => {
  expect(() => patch(aUser(), operation)).toThrow(refusal(400, scimType));
});

test('operations see what those before them did', () => {
  const { next } = patch(
    aUser({ displayName: 'old' }),
    { op: 'remove', path: 'displayName' },
    { op: 'add', path: 'displayName', value: 'x' },
    { op: 'replace', path: 'displayName', value: 'y' },
  );

  expect(next.displayName).toBe('y');
});

test('a failure in the last operation leaves the user as it was', () => {
  const user = aUser({ title: 'before', emails: [work] });
  const before = structuredClone(user);

  expect(() =>
    patch(
      user,
      { op: 'replace', path: 'title', value: 'after' },
      { op: 'remove', path: 'emails' },
      { op: 'replace', path: 'id', value: 'x' },
    ),
  ).toThrow(refusal(400, 'mutability'));

  expect(user).toEqual(before);
});

test('a patch that ends where it began changes nothing', () => {
  const { changed } = patch(
    aRecord({ title: 'same' }),
    { op: 'replace', path: 'title', value: 'other' },
    { op: 'replace', path: 'title', value: 'same' },
  );

  expect(changed).toBe(false);
});

test('a core attribute may carry the core URN, in any case', () => {
  const { next } = patch(aUser(), { op: 'add', path: `${userUrn.toUpperCase()}:nickname`, value: 'bo' });

  expect(next.nickName).toBe('bo');
});

test('a value may hold the extension under its URN', () => {
  const { next } = patch(aUser(), {
    op: 'add',
    value: { [enterpriseUrn]: { department: 'R&D', manager: { value: 'm' } } },
  });

  expect(next.enterprise).toEqual({ ...aUser().enterprise, department: 'R&D', manager: { value: 'm' } });
});

test('the extension can be removed by its URN, and nothing else goes', () => {
  const enterprise = { ...aUser().enterprise, department: 'R&D', manager: { value: 'm' } };

  const { next } = patch(aUser({ title: 'x', enterprise }), { op: 'remove', path: enterpriseUrn });

  expect(next).toEqual(aUser({ title: 'x' }));
});

test('replacing a name changes the parts that are named, and clears what is null', () => {
  const name = { ...aUser().name, givenName: 'Bob', familyName: 'B', formatted: 'Bob B' };

  const { next } = patch(aUser({ name }), {
    op: 'replace',
    path: 'name',
    value: { familyName: 'C', formatted: null },
  });

  expect(next.name).toEqual({ ...aUser().name, givenName: 'Bob', familyName: 'C' });
});

test('an unknown attribute in a value is ignored and noted', () => {
  const { next, normalized } = patch(aUser(), { op: 'add', value: { shoeSize: 44, title: 'x' } });

  expect(next).toEqual(aUser({ title: 'x' }));
  expect(normalized).toEqual(['unknown-attribute-ignored: shoeSize']);
});

test('a password is accepted and goes nowhere', () => {
  const { changed, normalized } = patch(aUser(), { op: 'replace', path: 'password', value: 'secret' });

  expect(changed).toBe(false);
  expect(normalized).toEqual(['password-ignored: password']);
});

test('__proto__ and constructor as names do no harm', () => {
  const body: unknown = JSON.parse(
    '{"Operations":[{"op":"add","value":{"__proto__":{"active":false},"constructor":{"x":1},' +
      '"name":{"__proto__":{"y":1}},"emails":[{"value":"a@x","__proto__":{"z":1}}]}}]}',
  );

  const { next } = applyPatch(aUser(), readPatch(body));

  expect(next).toEqual(aUser({ emails: [{ value: 'a@x' }] }));
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('a user is changed by at most 200 operations at once', () => {
  const operations = Array.from({ length: 201 }, () => ({ op: 'remove', path: 'title' }));

  expect(patch(aUser(), ...operations.slice(1)).changed).toBe(false);
  expect(() => patch(aUser(), ...operations)).toThrow(refusal(400, 'tooMany'));
});
