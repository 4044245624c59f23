import { expect, test } from 'vitest';
import { aUser, enterpriseUrn, patch } from '../people.ts';

const work = { type: 'work', value: 'b@x.com', primary: true };

test.each(['False', 'false', 'FALSE', false])('E-5, E-6: %j disables a user', (value) => {
  const { next, changed } = patch(aUser(), { op: 'Replace', path: 'active', value });

  expect(next).toEqual(aUser({ active: false }));
  expect(changed).toBe(true);
});

test.each(['True', 'true', true])('E-5: %j enables a user again', (value) => {
  const { next } = patch(aUser({ active: false }), { op: 'Replace', path: 'active', value });

  expect(next.active).toBe(true);
});

test('E-5: the string is noted, the boolean is not', () => {
  const text = patch(aUser(), { op: 'Replace', path: 'active', value: 'False' });
  const boolean = patch(aUser(), { op: 'replace', path: 'active', value: false });

  expect(text.normalized).toEqual(['boolean-as-string: active']);
  expect(boolean.normalized).toEqual([]);
});

test.each(['yes', '', 0, 1, null, [], {}])('E-5: %j neither enables nor disables', (value) => {
  expect(() => patch(aUser(), { op: 'Replace', path: 'active', value })).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidValue' }),
  );
});

test('E-7: several attributes change in one request, and a work e-mail that was not there is made', () => {
  const { next, normalized } = patch(
    aUser(),
    { op: 'Replace', path: 'displayName', value: 'Bob B' },
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'bob@x.com' },
    { op: 'Replace', path: 'name.givenName', value: 'Bob' },
    { op: 'Replace', path: 'name.familyName', value: 'B' },
    { op: 'Replace', path: 'externalId', value: 'e-1' },
    { op: 'Replace', path: `${enterpriseUrn}:employeeNumber`, value: '7' },
  );

  expect(next).toMatchObject({
    displayName: 'Bob B',
    emails: [{ type: 'work', value: 'bob@x.com' }],
    name: { givenName: 'Bob', familyName: 'B', formatted: null },
    externalId: 'e-1',
    enterprise: { employeeNumber: '7' },
  });
  expect(normalized).toEqual(['missing-element-created: emails']);
});

test('E-7: an e-mail that is there is replaced, and stays primary', () => {
  const { next } = patch(aUser({ emails: [work] }), {
    op: 'Replace',
    path: 'emails[type eq "work"].value',
    value: 'new@x.com',
  });

  expect(next.emails).toEqual([{ ...work, value: 'new@x.com' }]);
});

test('E-7: an e-mail that is made from a filter does not become primary', () => {
  const home = { type: 'home', value: 'h@x.com', primary: true };

  const { next } = patch(aUser({ emails: [home] }), {
    op: 'Add',
    path: 'emails[type eq "work"].value',
    value: 'w@x.com',
  });

  expect(next.emails).toEqual([home, { type: 'work', value: 'w@x.com' }]);
});

test('E-8: dotted and URN-prefixed names inside a value are paths', () => {
  const { next, normalized } = patch(aUser(), {
    op: 'replace',
    value: {
      displayName: 'Bjfe',
      'name.givenName': 'Kkom',
      'name.familyName': 'Unua',
      [`${enterpriseUrn}:employeeNumber`]: 'Aklq',
    },
  });

  expect(next).toEqual(
    aUser({
      displayName: 'Bjfe',
      name: { ...aUser().name, givenName: 'Kkom', familyName: 'Unua' },
      enterprise: { ...aUser().enterprise, employeeNumber: 'Aklq' },
    }),
  );
  expect(normalized).toEqual([
    'dotted-key: name.givenName',
    'dotted-key: name.familyName',
    `urn-prefixed-key: ${enterpriseUrn}:employeeNumber`,
  ]);
});

test('E-9: every path of the default mapping is understood, whatever its case', () => {
  const { next } = patch(
    aUser(),
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
    { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '2' },
    { op: 'Add', path: 'phoneNumbers[type eq "fax"].value', value: '3' },
    { op: 'Add', path: 'addresses[type eq "work"].streetAddress', value: 'Street 1' },
    { op: 'Add', path: 'addresses[type eq "work"].postalCode', value: '10115' },
    { op: 'Add', path: 'addresses[type eq "work"].country', value: 'DE' },
    { op: 'Add', path: 'addresses[type eq "other"].Formatted', value: 'Berlin' },
    { op: 'Add', path: 'emails[type eq "other"].Value', value: 'o@x.com' },
    { op: 'Add', path: 'title', value: 'Engineer' },
    { op: 'Add', path: 'preferredLanguage', value: 'de' },
    { op: 'Add', path: `${enterpriseUrn}:department`, value: 'R&D' },
  );

  expect(next).toMatchObject({
    phoneNumbers: [
      { type: 'mobile', value: '1' },
      { type: 'work', value: '2' },
      { type: 'fax', value: '3' },
    ],
    addresses: [
      { type: 'work', streetAddress: 'Street 1', postalCode: '10115', country: 'DE' },
      { type: 'other', formatted: 'Berlin' },
    ],
    emails: [{ type: 'other', value: 'o@x.com' }],
    title: 'Engineer',
    preferredLanguage: 'de',
    enterprise: { department: 'R&D' },
  });
});

test('E-10: the primary role is made where there is none, in parts', () => {
  const { next, normalized } = patch(
    aUser(),
    { op: 'Add', path: 'roles[primary eq "True"].display', value: 'Admin' },
    { op: 'Add', path: 'roles[primary eq "True"].value', value: 'admin' },
    { op: 'Add', path: 'roles[primary eq "True"].type', value: 'app' },
  );

  expect(next.roles).toEqual([{ primary: true, display: 'Admin', value: 'admin', type: 'app' }]);
  expect(normalized).toContain('boolean-as-string: roles.primary');
});

test('E-10: the primary role is replaced where there is one, and no other', () => {
  const roles = [{ value: 'reader' }, { value: 'writer', primary: true }];

  const { next } = patch(aUser({ roles }), {
    op: 'Replace',
    path: 'roles[primary eq "True"].value',
    value: 'admin',
  });

  expect(next.roles).toEqual([{ value: 'reader' }, { value: 'admin', primary: true }]);
});

test('E-10: the whole primary role can be replaced', () => {
  const roles = [{ value: 'writer', display: 'Writer', primary: true }];

  const { next } = patch(aUser({ roles }), {
    op: 'Replace',
    path: 'roles[primary eq "True"]',
    value: [{ value: 'admin', primary: 'True' }],
  });

  expect(next.roles).toEqual([{ value: 'admin', primary: true }]);
});

test.each([
  ['a string', `${enterpriseUrn}:manager`, 'm-1'],
  ['an object', `${enterpriseUrn}:manager`, { value: 'm-1', displayName: 'Ann' }],
  ['a list, by its bare name', 'manager', [{ $ref: 'http://x/Users/m-1', value: 'm-1' }]],
  ['its value alone', `${enterpriseUrn}:manager.value`, 'm-1'],
])('E-11: a manager is set by %s', (_, path, value) => {
  const { next } = patch(aUser(), { op: 'Add', path, value });

  expect(next.enterprise.manager).toEqual({ value: 'm-1' });
});

test.each([
  ['replace by ""', { op: 'Replace', path: `${enterpriseUrn}:manager`, value: '' }],
  ['replace by null', { op: 'Replace', path: `${enterpriseUrn}:manager`, value: null }],
  ['replace by an empty list', { op: 'Replace', path: `${enterpriseUrn}:manager`, value: [] }],
  ['replace by an empty value', { op: 'Replace', path: 'manager', value: [{ $ref: '', value: '' }] }],
  ['remove', { op: 'Remove', path: `${enterpriseUrn}:manager` }],
  ['remove of the value', { op: 'Remove', path: `${enterpriseUrn}:manager.value` }],
])('E-11: a manager is cleared by %s', (_, operation) => {
  const manager = { value: 'm-1', displayName: 'Ann' };

  const { next } = patch(aUser({ enterprise: { ...aUser().enterprise, manager } }), operation);

  expect(next).toEqual(aUser());
});

test('E-11: a new manager does not keep the name of the one before', () => {
  const manager = { value: 'm-1', displayName: 'Ann' };

  const { next } = patch(aUser({ enterprise: { ...aUser().enterprise, manager } }), {
    op: 'Replace',
    path: `${enterpriseUrn}:manager`,
    value: 'm-2',
  });

  expect(next.enterprise.manager).toEqual({ value: 'm-2' });
});

test('E-11: a manager without a value is refused, not taken for none', () => {
  expect(() => patch(aUser(), { op: 'Add', path: 'manager', value: { $ref: 'http://x/Users/1' } })).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidValue' }),
  );
});

test.each([
  ['replace by ""', { op: 'Replace', path: 'title', value: '' }],
  ['replace by null', { op: 'Replace', path: 'title', value: null }],
  ['remove', { op: 'Remove', path: 'title' }],
  ['remove with a value', { op: 'Remove', path: 'title', value: 'Engineer' }],
])('E-12: an optional attribute is cleared by %s', (_, operation) => {
  const { next } = patch(aUser({ title: 'Engineer' }), operation);

  expect(next).toEqual(aUser());
});

test.each([[[]], [null], ['']])('E-12: a list is cleared by replacing it with %j', (value) => {
  const { next } = patch(aUser({ emails: [work] }), { op: 'Replace', path: 'emails', value });

  expect(next.emails).toEqual([]);
});

test('E-12: the required user name cannot be cleared', () => {
  expect(() => patch(aUser(), { op: 'Replace', path: 'userName', value: '' })).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidValue', message: 'userName is required' }),
  );
});
