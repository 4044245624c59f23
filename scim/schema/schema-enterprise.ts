import { type SchemaDefinition, defineAttribute } from './schema.ts';

/** The enterprise extension of User (RFC 7643 §4.3 and §8.7.1). */
export const enterpriseSchema: SchemaDefinition = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  property: 'enterprise',
  misspellings: ['urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
  attributes: [
    defineAttribute('employeeNumber', 'The number that the organization gave to the user.'),
    defineAttribute('costCenter', 'The name of a cost center.'),
    defineAttribute('organization', 'The name of an organization.'),
    defineAttribute('division', 'The name of a division.'),
    defineAttribute('department', 'The name of a department.'),
    defineAttribute('manager', 'The manager of the user.', {
      type: 'complex',
      subAttributes: [
        defineAttribute('value', 'The identifier of the manager.', { caseExact: true }),
        defineAttribute('$ref', 'Where the manager is found.', {
          type: 'reference',
          caseExact: true,
          referenceTypes: ['User'],
          mutability: 'immutable',
        }),
        defineAttribute('displayName', 'The display name of the manager.', { mutability: 'readOnly' }),
      ],
    }),
  ],
};
