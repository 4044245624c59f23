import { groupUrn } from '../groups/group-clients.ts';
import { enterpriseUrn, userUrn } from '../people.ts';

/** The body that most of its requests begin with. */
export function aBody(userName: string, more: object = {}) {
  return {
    userName,
    active: true,
    displayName: 'BobIsAmazing',
    schemas: [enterpriseUrn, userUrn],
    externalId: crypto.randomUUID(),
    name: { formatted: 'Ryan Leenay', familyName: 'Leenay', givenName: 'Ryan' },
    emails: [
      { Primary: true, type: 'work', value: 'testing@bob.com' },
      { Primary: false, type: 'home', value: 'testinghome@bob.com' },
    ],
    ...more,
  };
}

/** The body of its people with everything, nulls among it. */
export function aWholeBody(userName: string, more: object = {}) {
  const nothing = { country: null, locality: null, postalCode: null, region: null, streetAddress: null };
  return {
    ...aBody(userName),
    addresses: [
      { country: 'Bermuda', formatted: '9132 Jennifer Way\nSouth Nancy', type: 'work', primary: false },
      { ...nothing, formatted: '18522 Lisa Unions\nEast Gregory', type: 'other', primary: false },
    ],
    emails: [
      { type: 'work', primary: true, value: `${userName}@example.com` },
      { type: 'work', primary: false, value: `${userName}@example.org` },
    ],
    meta: {
      created: '2019-09-18T18:15:26.5788954+00:00',
      lastModified: '2019-09-18T18:15:26.5788976+00:00',
      resourceType: 'User',
    },
    name: { familyName: 'Employee', givenName: 'Darl', honorificPrefix: null, honorificSuffix: null },
    phoneNumbers: [
      { type: 'fax', primary: false, value: '312-320-0500' },
      { type: 'work', primary: true, value: '312-320-0932' },
    ],
    preferredLanguage: 'xh',
    roles: [],
    title: 'Site engineer',
    schemas: [userUrn],
    ...more,
  };
}

/** The body of its groups. */
export function aGroupBody(displayName: string, members: object[] = []) {
  return { externalId: crypto.randomUUID(), schemas: [groupUrn], displayName, members };
}
