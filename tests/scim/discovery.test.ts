import { expect, test } from 'vitest';
import {
  describeServiceProvider,
  getResourceType,
  getSchema,
  listResourceTypes,
  listSchemas,
} from '../../scim/discovery.ts';
import { groupUrn } from './groups/group-clients.ts';
import { baseUrl, enterpriseUrn, userUrn } from './people.ts';

test('the service provider announces what is served', () => {
  expect(describeServiceProvider(baseUrl)).toMatchObject({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 10_000_000 },
    filter: { supported: true, maxResults: 200 },
    changePassword: { supported: false },
    sort: { supported: true },
    pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', cursorTimeout: 3600 },
    etag: { supported: true },
    authenticationSchemes: [{ type: 'oauthbearertoken' }],
    meta: { location: `${baseUrl}/ServiceProviderConfig` },
  });
});

test('the resource types are User, with the enterprise extension, and Group', () => {
  const list = listResourceTypes(baseUrl);

  expect(list).toMatchObject({ totalResults: 2, itemsPerPage: 2, startIndex: 1 });
  expect(list.Resources).toEqual([getResourceType(baseUrl, 'User'), getResourceType(baseUrl, 'Group')]);
  expect(list.Resources[0]).toMatchObject({
    endpoint: '/Users',
    schema: userUrn,
    schemaExtensions: [{ schema: enterpriseUrn, required: false }],
  });
});

test('E-19: schemas are a list, without nulls, in camel case', () => {
  const list = listSchemas(baseUrl);

  expect(list.totalResults).toBe(3);
  expect(list.Resources.map(({ id }) => id)).toEqual([userUrn, enterpriseUrn, groupUrn]);
  expect(JSON.stringify(list)).not.toContain('null');
  for (const { attributes } of list.Resources) {
    for (const { name } of attributes) expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
  }
});

test('the User schema has every attribute of RFC 7643 §4.1 but the password, which is not stored', () => {
  const names = getSchema(baseUrl, userUrn.toLowerCase()).attributes.map(({ name }) => name);

  expect(names).toEqual(
    (
      'userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active ' +
      'emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates'
    ).split(' '),
  );
});

test('an attribute is described with all its characteristics', () => {
  const [userName] = getSchema(baseUrl, userUrn).attributes;

  expect(userName).toMatchObject({
    name: 'userName',
    type: 'string',
    multiValued: false,
    required: true,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'server',
  });
});

test('what is not there is not found', () => {
  expect(() => getSchema(baseUrl, 'urn:x')).toThrow(expect.objectContaining({ status: 404 }));
  expect(() => getResourceType(baseUrl, 'Printer')).toThrow(expect.objectContaining({ status: 404 }));
});
