import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasSameAttributes, normalizeUserName } from '../../../src/domain/user-attributes.ts';
import { aRecord, aUser } from '../people.ts';

test.each([
  ['Bob@X.com', 'bob@x.COM'],
  ['Zo\u00EB', 'ZOE\u0308'],
  ['\uFF22ob', 'bob'],
])('%s and %s are the same user name', (one, other) => {
  expect(normalizeUserName(one)).toBe(normalizeUserName(other));
});

test.each([
  ['stra\u00DFe', 'strasse'],
  ['\u0130nan', 'inan'],
  ['bob', 'bob '],
])('%s and %s are different user names', (one, other) => {
  expect(normalizeUserName(one)).not.toBe(normalizeUserName(other));
});

test('the key of a key is itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const key = normalizeUserName(name);

      expect(normalizeUserName(key)).toBe(key);
    }),
    { numRuns: 2000 },
  );
});

test('a record has the same attributes as the user it stores, and another after any change', () => {
  expect(hasSameAttributes(aRecord(), aUser())).toBe(true);
  expect(hasSameAttributes(aRecord(), aUser({ title: 'x' }))).toBe(false);
  expect(hasSameAttributes(aRecord(), aUser({ userName: 'bob@x.com' }))).toBe(false);
});
