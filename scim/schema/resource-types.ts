import { commonAttributes } from './schema-common.ts';
import { enterpriseSchema } from './schema-enterprise.ts';
import { groupSchema } from './schema-group.ts';
import { userSchema } from './schema-user.ts';
import type { Attribute, ResourceType, SchemaDefinition } from './schema.ts';

function listAttributes(schema: SchemaDefinition): Attribute[] {
  const prefix = schema.property === null ? '' : `${schema.property}.`;
  return schema.attributes.map((definition) => ({ key: prefix + definition.name, schema, definition }));
}

function defineResourceType(type: Omit<ResourceType, 'attributes'>): ResourceType {
  const common = commonAttributes.map((definition) => ({
    key: definition.name,
    schema: type.schema,
    definition,
  }));
  return { ...type, attributes: [...common, ...[type.schema, ...type.extensions].flatMap(listAttributes)] };
}

/** The User resource (RFC 7643 §6): the core schema with the enterprise extension, which is optional. */
export const userType = defineResourceType({
  name: 'User',
  endpoint: '/Users',
  description: 'User Account',
  schema: userSchema,
  extensions: [enterpriseSchema],
});

/** The Group resource (RFC 7643 §6). */
export const groupType = defineResourceType({
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: groupSchema,
  extensions: [],
});

/** Every kind of resource that is served. */
export const resourceTypes: readonly ResourceType[] = [userType, groupType];

/**
 * What a search of the whole directory may ask for: the attributes of every kind of resource. One that a resource does
 * not have is absent there (RFC 7644 §3.4.2.1).
 */
export const anyType: ResourceType = {
  ...userType,
  name: 'Resource',
  endpoint: '',
  extensions: [enterpriseSchema, groupSchema],
  attributes: [...userType.attributes, ...groupType.attributes],
};
