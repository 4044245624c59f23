import { type AttributeDefinition, defineAttribute } from './schema.ts';

const readOnly = { mutability: 'readOnly', caseExact: true } as const;

/** Attributes of every resource (RFC 7643 §3 and §3.1). They belong to no schema and stand in none. */
export const commonAttributes: readonly AttributeDefinition[] = [
  defineAttribute('schemas', 'The schemas whose attributes this resource has.', {
    ...readOnly,
    type: 'reference',
    multiValued: true,
    returned: 'always',
  }),
  defineAttribute('id', 'The identifier that the service provider gave.', {
    ...readOnly,
    returned: 'always',
    uniqueness: 'server',
  }),
  defineAttribute('externalId', 'The identifier that the provisioning client gave.', { caseExact: true }),
  defineAttribute('meta', 'What the service provider knows about the resource.', {
    mutability: 'readOnly',
    type: 'complex',
    subAttributes: [
      defineAttribute('resourceType', 'The kind of resource.', readOnly),
      defineAttribute('created', 'When it was created.', { ...readOnly, type: 'dateTime' }),
      defineAttribute('lastModified', 'When it was changed last.', { ...readOnly, type: 'dateTime' }),
      defineAttribute('location', 'Where it is found.', { ...readOnly, type: 'reference' }),
      defineAttribute('version', 'Its version, as an entity tag.', readOnly),
    ],
  }),
];
