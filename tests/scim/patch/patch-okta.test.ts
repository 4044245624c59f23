import { expect, test } from 'vitest';
import { readPaging } from '../../../scim/list.ts';
import { readUser, toUserResource } from '../../../scim/resource/user-resource.ts';
import { aRecord, aUser, baseUrl, patch, userUrn } from '../people.ts';

test('O-1: startIndex=1&count=2 is read as it is meant', () => {
  const read = readPaging(new URLSearchParams('startIndex=1&count=2'));

  expect(read).toEqual({ startIndex: 1, count: 2 });
});

test('O-3: a password and groups do no harm on create, and the password is never kept', () => {
  const { attributes, normalized } = readUser(
    {
      schemas: [userUrn],
      userName: 'test.user@okta.local',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true,
    },
    { active: true },
  );

  expect(attributes).toMatchObject({ locale: 'en-US', externalId: '00ujl29u0le5T6Aj10h7', active: true });
  expect(JSON.stringify(attributes)).not.toContain('1mz050nq');
  expect(normalized).toEqual(['password-ignored: password']);
});

test('O-4: what GET answered can be PUT back, and changes nothing', () => {
  const record = aRecord({
    emails: [{ type: 'work', value: 'b@x.com', display: 'Bob', primary: true }],
    enterprise: { ...aUser().enterprise, department: 'R&D', manager: { value: 'm-1' } },
  });
  const sent = { ...toUserResource(record, { baseUrl }), groups: [{ value: 'g-1', display: 'All' }] };

  const { attributes, normalized } = readUser(sent, { active: false });

  expect({ ...aRecord(), ...attributes }).toEqual(record);
  expect(normalized).toEqual([]);
});

test('O-4: attributes that a PUT leaves out are cleared, but active stays as it was', () => {
  const { attributes } = readUser({ userName: 'Bob@X.com' }, { active: false });

  expect(attributes).toEqual(aUser({ active: false }));
});

test('O-4: a PUT may disable', () => {
  const { attributes } = readUser({ userName: 'Bob@X.com', active: false }, { active: true });

  expect(attributes.active).toBe(false);
});

test('O-5: a user is disabled without a path', () => {
  const { next, changed } = patch(aUser(), { op: 'replace', value: { active: false } });

  expect(next).toEqual(aUser({ active: false }));
  expect(changed).toBe(true);
});

test('O-5: disabling twice changes nothing the second time', () => {
  const { changed } = patch(aUser({ active: false }), { op: 'replace', value: { active: false } });

  expect(changed).toBe(false);
});

test('O-7: a read-only id beside what is replaced is ignored', () => {
  const { next } = patch(aUser(), { op: 'replace', value: { id: 'x', displayName: 'Bob' } });

  expect(next).toEqual(aUser({ displayName: 'Bob' }));
});
