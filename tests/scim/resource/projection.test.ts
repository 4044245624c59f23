import { expect, test } from 'vitest';
import { readProjection } from '../../../scim/resource/projection.ts';
import { userType } from '../../../scim/schema/resource-types.ts';
import { toUserResource } from '../../../scim/resource/user-resource.ts';
import { aRecord, aUser, baseUrl, enterpriseUrn, userUrn } from '../people.ts';

const shown = (query: string) => {
  const record = aRecord({
    title: 't',
    name: { ...aUser().name, givenName: 'g', familyName: 'f' },
    emails: [{ value: 'a@x', type: 'work' }],
    enterprise: { ...aUser().enterprise, department: 'd', division: 'v' },
  });
  const projection = readProjection(userType, new URLSearchParams(query));
  return toUserResource(record, { baseUrl, projection });
};
const id = '019a5c1e-0000-7000-8000-000000000001';
const schemas = [userUrn, enterpriseUrn];

test.each([
  ['attributes=id', { schemas, id }],
  ['attributes=userName', { schemas, id, userName: 'Bob@X.com' }],
  ['attributes=USERNAME,%20title', { schemas, id, userName: 'Bob@X.com', title: 't' }],
  ['attributes=name.givenName', { schemas, id, name: { givenName: 'g' } }],
  ['attributes=name.givenName,name', { schemas, id, name: { givenName: 'g', familyName: 'f' } }],
  ['attributes=emails.value', { schemas, id, emails: [{ value: 'a@x' }] }],
  [`attributes=${enterpriseUrn}:department`, { schemas, id, [enterpriseUrn]: { department: 'd' } }],
  [`attributes=${enterpriseUrn}`, { schemas, id, [enterpriseUrn]: { department: 'd', division: 'v' } }],
  ['attributes=shoeSize', { schemas, id }],
])('%s shows no more than that', (query, resource) => {
  expect(shown(query)).toEqual(resource);
});

test('excludedAttributes leaves out what it names, but never the id', () => {
  const all = shown('');

  const { title: _, emails: __, ...rest } = all;
  expect(shown('excludedAttributes=title,emails,id,schemas')).toEqual(rest);
  expect(shown('excludedAttributes=name.familyName')).toEqual({ ...all, name: { givenName: 'g' } });
});

test('attributes and excludedAttributes exclude each other', () => {
  expect(() => shown('attributes=title&excludedAttributes=title')).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidValue' }),
  );
});
