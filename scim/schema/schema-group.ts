import { type SchemaDefinition, defineAttribute } from './schema.ts';

/** What came with a member stays: it comes and goes as a whole. */
const immutable = { mutability: 'immutable' } as const;

/** The Group schema (RFC 7643 §4.2 and §8.7.1). */
export const groupSchema: SchemaDefinition = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'Group',
  property: null,
  // Entra names it beside the one above (its use-scim page, "Create Group").
  misspellings: ['http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
  attributes: [
    defineAttribute('displayName', 'The name to show to people, unique in the tenant.', {
      required: true,
      uniqueness: 'server',
    }),
    defineAttribute('members', 'Who is in the group: users, and other groups.', {
      type: 'complex',
      multiValued: true,
      subAttributes: [
        defineAttribute('value', 'The identifier of the member.', { ...immutable, caseExact: true }),
        defineAttribute('$ref', 'Where the member is found.', {
          ...immutable,
          type: 'reference',
          caseExact: true,
          referenceTypes: ['User', 'Group'],
        }),
        defineAttribute('type', 'What the member is.', { ...immutable, canonicalValues: ['User', 'Group'] }),
        defineAttribute('display', 'The name of the member.', { mutability: 'readOnly' }),
      ],
    }),
  ],
};
