import { type SchemaDefinition, defineAttribute, defineList, describeElement } from './schema.ts';

const uri = { type: 'reference', referenceTypes: ['external'], caseExact: true } as const;
const readOnly = { mutability: 'readOnly' } as const;

/** The User schema (RFC 7643 §4.1 and §8.7.1). */
export const userSchema: SchemaDefinition = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'User Account',
  property: null,
  misspellings: [],
  attributes: [
    defineAttribute('userName', 'The name by which the user is known here, unique in the tenant.', {
      required: true,
      uniqueness: 'server',
    }),
    defineAttribute('name', 'The parts of the name of the user.', {
      type: 'complex',
      subAttributes: [
        defineAttribute('formatted', 'The full name, with all its parts.'),
        defineAttribute('familyName', 'The family name, or last name.'),
        defineAttribute('givenName', 'The given name, or first name.'),
        defineAttribute('middleName', 'The middle name or names.'),
        defineAttribute('honorificPrefix', 'The title before the name, such as "Ms.".'),
        defineAttribute('honorificSuffix', 'The suffix behind the name, such as "III".'),
      ],
    }),
    defineAttribute('displayName', 'The name to show to people.'),
    defineAttribute('nickName', 'The casual name.'),
    defineAttribute('profileUrl', 'A page about the user.', uri),
    defineAttribute('title', 'The title, such as "Vice President".'),
    defineAttribute('userType', 'The relationship to the organization, such as "Contractor".'),
    defineAttribute('preferredLanguage', 'The preferred languages, as in Accept-Language.'),
    defineAttribute('locale', 'The place for currency, dates and numbers, such as "en-US".'),
    defineAttribute('timezone', 'The time zone, such as "America/Los_Angeles".'),
    // Left out, it is true on create and stays in PUT; it can never be removed.
    defineAttribute('active', 'Whether the user may sign in.', { type: 'boolean', required: true }),
    defineAttribute('password', 'Accepted and discarded: no password is taken from a directory.', {
      caseExact: true,
      mutability: 'writeOnly',
      returned: 'never',
    }),
    defineList('emails', 'E-mail addresses.', { types: ['work', 'home', 'other'] }),
    defineList('phoneNumbers', 'Phone numbers.', {
      types: ['work', 'home', 'mobile', 'fax', 'pager', 'other'],
    }),
    defineList('ims', 'Instant messaging addresses.', {
      types: ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo'],
    }),
    defineList('photos', 'Pictures of the user, as URIs.', { value: uri, types: ['photo', 'thumbnail'] }),
    defineAttribute('addresses', 'Postal addresses.', {
      type: 'complex',
      multiValued: true,
      subAttributes: [
        defineAttribute('formatted', 'The full address, with line breaks.'),
        defineAttribute('streetAddress', 'Street, house number, post office box.'),
        defineAttribute('locality', 'The city.'),
        defineAttribute('region', 'The state or region.'),
        defineAttribute('postalCode', 'The postal code.'),
        defineAttribute('country', 'The country.'),
        ...describeElement(['work', 'home', 'other']),
      ],
    }),
    defineAttribute('groups', 'The groups of which the user is a member.', {
      ...readOnly,
      type: 'complex',
      multiValued: true,
      subAttributes: [
        defineAttribute('value', 'The identifier of the group.', { ...readOnly, caseExact: true }),
        defineAttribute('$ref', 'Where the group is found.', {
          ...readOnly,
          type: 'reference',
          caseExact: true,
          referenceTypes: ['Group'],
        }),
        defineAttribute('display', 'The name of the group.', readOnly),
        defineAttribute('type', 'How the user came to be a member.', {
          ...readOnly,
          canonicalValues: ['direct', 'indirect'],
        }),
      ],
    }),
    defineList('entitlements', 'What the user is entitled to.', {}),
    defineList('roles', 'The roles of the user.', {}),
    defineList('x509Certificates', 'Certificates of the user.', {
      value: { type: 'binary', caseExact: true },
    }),
  ],
};
