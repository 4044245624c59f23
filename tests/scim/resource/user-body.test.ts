import { expect, test } from 'vitest';
import { readUser } from '../../../scim/resource/user-resource.ts';
import { aUser, enterpriseUrn, userUrn } from '../people.ts';

const create = (body: unknown) => readUser(body, { active: true });
const invalidValue = expect.objectContaining({ status: 400, scimType: 'invalidValue' });

test('E-3: what Entra creates is read as it is meant', () => {
  const { attributes, normalized } = create({
    schemas: [userUrn, enterpriseUrn],
    externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
    userName: 'Test_User_ab6490ee',
    active: true,
    emails: [{ primary: true, type: 'work', value: 'Test_User@testuser.com' }],
    meta: { resourceType: 'User' },
    name: { formatted: 'given family', familyName: 'family', givenName: 'given' },
    roles: [],
  });

  expect(attributes).toEqual({
    ...aUser(),
    externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
    userName: 'Test_User_ab6490ee',
    emails: [{ primary: true, type: 'work', value: 'Test_User@testuser.com' }],
    name: { ...aUser().name, formatted: 'given family', familyName: 'family', givenName: 'given' },
  });
  expect(normalized).toEqual([]);
});

test('E-3: nulls are absent, and the misspelt URN is understood', () => {
  const { attributes, normalized } = create({
    schemas: [userUrn, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
    userName: 'jyoung',
    active: 'True',
    addresses: null,
    phoneNumbers: null,
    preferredLanguage: null,
    title: null,
    department: null,
    manager: null,
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { employeeNumber: '7', division: null },
  });

  expect(attributes).toEqual({
    ...aUser({ userName: 'jyoung' }),
    enterprise: { ...aUser().enterprise, employeeNumber: '7' },
  });
  expect(normalized).toEqual(
    expect.arrayContaining([
      'boolean-as-string: active',
      'null-as-absent: title',
      'bare-extension-attribute: department',
      'misspelt-urn: urn:ietf:params:scim:schemas:extension:enterprise:2.0User',
    ]),
  );
});

test.each([false, 'False', 'false'])('E-3: %j creates an inactive user', (active) => {
  expect(create({ userName: 'a', active }).attributes.active).toBe(false);
});

test('a user is active when nothing else is said', () => {
  expect(create({ userName: 'a' }).attributes.active).toBe(true);
  expect(create({ userName: 'a', active: null }).attributes.active).toBe(true);
});

test('names are read without case in the body, down to the parts of elements', () => {
  const { attributes } = create({
    UserName: 'Bob@X.com',
    ACTIVE: false,
    Emails: [{ Primary: 'True', VALUE: 'b@x.com' }],
    Name: { GivenName: 'Bob' },
  });

  expect(attributes).toEqual(
    aUser({
      active: false,
      emails: [{ primary: true, value: 'b@x.com' }],
      name: { ...aUser().name, givenName: 'Bob' },
    }),
  );
});

test('read-only attributes are ignored, unknown ones and the password noted', () => {
  const { attributes, normalized } = create({
    id: 'mine',
    meta: { created: 'never', version: 'W/"9"' },
    groups: [{ value: 'g' }],
    userName: 'Bob@X.com',
    shoeSize: 44,
    password: 'secret',
    emails: [{ value: 'b@x.com', shoe: 1 }],
    'urn:example:2.0:Custom': { x: 1 },
  });

  expect(attributes).toEqual(aUser({ emails: [{ value: 'b@x.com' }] }));
  expect(normalized).toEqual([
    'unknown-attribute-ignored: shoeSize',
    'password-ignored: password',
    'unknown-attribute-ignored: urn:example:2.0:Custom',
    'unknown-attribute-ignored: emails.shoe',
  ]);
});

test('elements without a value are dropped', () => {
  const { attributes, normalized } = create({
    userName: 'Bob@X.com',
    emails: [{ type: 'work', value: null }, null, { value: 'b@x.com' }],
    addresses: [{ type: 'work', primary: true }, { country: 'DE' }],
  });

  expect(attributes).toEqual(aUser({ emails: [{ value: 'b@x.com' }], addresses: [{ country: 'DE' }] }));
  expect(normalized).toContain('valueless-element-dropped: addresses');
});

test('a bare value or a single object stands for a list of one', () => {
  const { attributes } = create({ userName: 'Bob@X.com', roles: ['admin'], emails: { value: 'b@x.com' } });

  expect(attributes).toEqual(aUser({ roles: [{ value: 'admin' }], emails: [{ value: 'b@x.com' }] }));
});

test.each([
  ['no userName', {}],
  ['a null userName', { userName: null }],
  ['an empty userName', { userName: '' }],
  ['a blank userName', { userName: ' ' }],
  ['a userName that is too long for its index', { userName: 'x'.repeat(513) }],
  ['a userName that folds to more than its index takes', { userName: '\uFDFA'.repeat(100) }],
  ['a displayName that is too long for its index', { userName: 'a', displayName: 'x'.repeat(513) }],
  ['a userName that is a number', { userName: 7 }],
  ['an active that is no boolean', { userName: 'a', active: 'yes' }],
  ['an active that is 0', { userName: 'a', active: 0 }],
  ['a title that is a boolean', { userName: 'a', title: true }],
  [
    'two primary e-mails',
    {
      userName: 'a',
      emails: [
        { value: 'a', primary: true },
        { value: 'b', primary: 'True' },
      ],
    },
  ],
  ['two managers', { userName: 'a', manager: [{ value: 'a' }, { value: 'b' }] }],
  ['NUL in a part', { userName: 'a', name: { givenName: 'a\0b' } }],
  ['NUL in a name', { userName: 'a', 'shoe\0size': 1 }],
  ['a lone surrogate in an ignored attribute', { userName: 'a', shoe: [['\uD800']] }],
])('a body with %s is refused', (_, body) => {
  expect(() => create(body)).toThrow(invalidValue);
});

test('a userName of the longest length is taken', () => {
  expect(create({ userName: 'x'.repeat(512) }).attributes.userName).toHaveLength(512);
});

test.each([null, [], 'x', 7, undefined])('the body %j is no resource', (body) => {
  expect(() => create(body)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidSyntax' }));
});

test('a body nested 3,000 deep is read without harm', () => {
  const body: unknown = JSON.parse(`{"userName":"a","x":${'['.repeat(3_000)}${']'.repeat(3_000)}}`);

  expect(create(body).attributes.userName).toBe('a');
});

test('the notes of one request are bounded', () => {
  const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`unknown${at}`, 1]));

  expect(create({ ...body, userName: 'a' }).normalized).toHaveLength(100);
});

test('__proto__ and repeated names in JSON do no harm', () => {
  const body: unknown = JSON.parse(
    '{"userName":"a","userName":"b","USERNAME":"c","__proto__":{"active":false},"name":{"__proto__":{"givenName":"x"}}}',
  );

  const { attributes } = create(body);

  expect(attributes).toEqual(aUser({ userName: 'c' }));
});
