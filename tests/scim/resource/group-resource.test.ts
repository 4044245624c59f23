import { expect, test } from 'vitest';
import { readGroup } from '../../../scim/resource/group-resource.ts';

test.each([
  ['without displayName', {}, 'displayName is required'],
  ['with an empty displayName', { displayName: ' ' }, 'displayName: must not be empty'],
  ['with a displayName that is null', { displayName: null }, 'displayName: is required'],
  ['with a displayName that is a number', { displayName: 1 }, 'displayName must be a string'],
  ['with members that are a number', { displayName: 'x', members: 1 }, 'members must be a list of objects'],
  [
    'with U+0000',
    { displayName: 'a\0b' },
    'a string holds U+0000 or a lone surrogate, which cannot be stored',
  ],
])('a group %s is refused', (_, body, message) => {
  expect(() => readGroup(body)).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidValue', message }),
  );
});

test.each([null, [], 'text'])('%j is no group', (body) => {
  expect(() => readGroup(body)).toThrow(expect.objectContaining({ scimType: 'invalidSyntax' }));
});

test('members that are absent or null are not said, and an empty list is', () => {
  expect(readGroup({ displayName: 'x' }).members).toBeNull();
  expect(readGroup({ displayName: 'x', members: null }).members).toBeNull();
  expect(readGroup({ displayName: 'x', members: [] }).members).toEqual([]);
});
