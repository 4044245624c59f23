import { expect, test } from 'vitest';
import type { UserCondition } from '../../../src/domain/filter.ts';
import { parseFilter } from '../../../scim/filter/filter.ts';
import { userType } from '../../../scim/schema/resource-types.ts';
import { readUserConditions } from '../../../scim/filter/user-conditions.ts';

const read = (filter: string) => readUserConditions(parseFilter(userType, filter));

test.each<[string, UserCondition[]]>([
  [
    'userName eq "7c0e5c9f-6ed6-4d0f-9f37-d7b8d7d6c9a0"',
    [{ attribute: 'userName', value: '7c0e5c9f-6ed6-4d0f-9f37-d7b8d7d6c9a0' }],
  ],
  ['userName eq "Test_User_1"', [{ attribute: 'userName', value: 'Test_User_1' }]],
  ['externalId eq "ABC"', [{ attribute: 'externalId', value: 'ABC' }]],
  ['externalId eq jyoung', [{ attribute: 'externalId', value: 'jyoung' }]],
  ['displayName eq "Bob"', [{ attribute: 'displayName', value: 'Bob' }]],
  ['active eq "False"', [{ attribute: 'active', value: false }]],
  [
    'emails[type eq "work"].value eq "user@contoso.com"',
    [{ attribute: 'emails', type: 'work', value: 'user@contoso.com' }],
  ],
  ['emails[type eq "work" and value eq "b@x"]', [{ attribute: 'emails', type: 'work', value: 'b@x' }]],
  ['emails[value eq "b@x"]', [{ attribute: 'emails', type: null, value: 'b@x' }]],
  ['emails.value eq "a@x"', [{ attribute: 'emails', type: null, value: 'a@x' }]],
  ['emails eq "a@x"', [{ attribute: 'emails', type: null, value: 'a@x' }]],
  [
    '(userName eq "a" and active eq true) and externalId eq "b"',
    [
      { attribute: 'userName', value: 'a' },
      { attribute: 'active', value: true },
      { attribute: 'externalId', value: 'b' },
    ],
  ],
])('E-1, E-2: %s is served', (filter, conditions) => {
  expect(read(filter)).toEqual(conditions);
});

test('E-11: the lookup of a manager beside an id is served', () => {
  const filter =
    'id eq "u-1" and urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m-1"';

  expect(read(filter)).toEqual([
    { attribute: 'id', value: 'u-1' },
    { attribute: 'manager', value: 'm-1' },
  ]);
  expect(read('id eq "u-1" and manager eq "m-1"')).toEqual(read(filter));
});

test.each([
  'userName eq "a" or userName eq "b"',
  'not (userName eq "a")',
  'userName sw "a"',
  'userName pr',
  'userName eq null',
  'title eq "x"',
  'name.givenName eq "x"',
  'manager eq "m-1"',
  'emails.type eq "work"',
  'emails[type eq "work"]',
  'emails[type eq "work" or value eq "a"]',
  'emails[type eq "work" and primary eq true].value eq "a"',
  'emails[value eq "a" and value eq "b"]',
  'userName eq "a" and title pr',
  'meta.created gt "2024-01-01T00:00:00Z"',
])('%s is refused, saying what is supported', (filter) => {
  expect(() => read(filter)).toThrow(
    expect.objectContaining({
      status: 400,
      scimType: 'invalidFilter',
      message: expect.stringContaining('"eq" comparisons, joined by "and"'),
    }),
  );
});
