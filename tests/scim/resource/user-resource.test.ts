import { expect, test } from 'vitest';
import { readUser, toUserResource } from '../../../scim/resource/user-resource.ts';
import { aRecord, aUser, baseUrl, enterpriseUrn, userUrn } from '../people.ts';

test('a user is shown with what is set and nothing else', () => {
  const resource = toUserResource(aRecord(), { baseUrl });

  expect(resource).toEqual({
    schemas: [userUrn],
    id: '019a5c1e-0000-7000-8000-000000000001',
    userName: 'Bob@X.com',
    active: true,
    meta: {
      resourceType: 'User',
      created: '2026-01-02T03:04:05.678Z',
      lastModified: '2026-02-03T04:05:06.789Z',
      location: `${baseUrl}/Users/019a5c1e-0000-7000-8000-000000000001`,
      version: 'W/"3"',
    },
  });
});

test('the extension is named once it holds something, and a manager says where they are found', () => {
  const enterprise = {
    ...aUser().enterprise,
    department: 'R&D',
    manager: { value: 'm 1', displayName: 'Ann' },
  };

  const resource = toUserResource(aRecord({ enterprise }), { baseUrl });

  expect(resource['schemas']).toEqual([userUrn, enterpriseUrn]);
  expect(resource[enterpriseUrn]).toEqual({
    department: 'R&D',
    manager: { value: 'm 1', displayName: 'Ann', $ref: `${baseUrl}/Users/m%201` },
  });
});

test('every attribute survives the way out and in again', () => {
  const everything = {
    externalId: 'e',
    displayName: 'd',
    name: {
      formatted: 'f',
      familyName: 'fa',
      givenName: 'g',
      middleName: 'm',
      honorificPrefix: 'p',
      honorificSuffix: 's',
    },
    nickName: 'n',
    profileUrl: 'https://x',
    title: 't',
    userType: 'u',
    preferredLanguage: 'de',
    locale: 'de-DE',
    timezone: 'Europe/Berlin',
    emails: [{ value: 'e@x', display: 'E', type: 'work', primary: true }],
    phoneNumbers: [{ value: '1' }],
    ims: [{ value: 'i', type: 'xmpp' }],
    photos: [{ value: 'https://p' }],
    addresses: [
      {
        formatted: 'f',
        streetAddress: 's',
        locality: 'l',
        region: 'r',
        postalCode: 'p',
        country: 'c',
        type: 'work',
      },
    ],
    entitlements: [{ value: 'x' }],
    roles: [{ value: 'admin', primary: false }],
    x509Certificates: [{ value: 'MIIB' }],
    enterprise: {
      employeeNumber: '1',
      costCenter: '2',
      organization: '3',
      division: '4',
      department: '5',
      manager: { value: 'm' },
    },
  };
  const sent: unknown = JSON.parse(JSON.stringify(toUserResource(aRecord(everything), { baseUrl })));

  expect(readUser(sent, { active: true }).attributes).toEqual(aUser(everything));
});
