import { maxOperations } from './bulk/bulk-request.ts';
import { ProtocolError } from './errors.ts';
import { cursorTimeoutSeconds } from './cursor.ts';
import { defaultCount, type ListResponse, maxResults, toListResponse } from './list.ts';
import { maxBodyBytes } from './request-body.ts';
import { resourceTypes } from './schema/resource-types.ts';
import type { AttributeDefinition, ResourceType, SchemaDefinition } from './schema/schema.ts';

const core = 'urn:ietf:params:scim:schemas:core:2.0';

/** What this service provider can do (RFC 7643 §5). It announces nothing that is not served. */
export function describeServiceProvider(baseUrl: string) {
  return {
    schemas: [`${core}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: true, maxOperations, maxPayloadSize: maxBodyBytes },
    filter: { supported: true, maxResults },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: defaultCount,
      maxPageSize: maxResults,
      cursorTimeout: cursorTimeoutSeconds,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'A token of the tenant, sent in the Authorization header',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}

/** Every kind of resource (RFC 7643 §6). */
export function listResourceTypes(baseUrl: string) {
  return listAll(resourceTypes.map((type) => describeResourceType(type, baseUrl)));
}

/** One kind of resource by its name; 404 for any other. */
export function getResourceType(baseUrl: string, name: string) {
  const type = resourceTypes.find((one) => one.name === name);
  if (!type) throw new ProtocolError(404, 'there is no such resource type');
  return describeResourceType(type, baseUrl);
}

/** Every schema (RFC 7643 §7). Entra reads this list when its configuration is saved, and takes no nulls. */
export function listSchemas(baseUrl: string) {
  return listAll(allSchemas().map((schema) => describeSchema(schema, baseUrl)));
}

/** One schema by its URN, in any case; 404 for any other. */
export function getSchema(baseUrl: string, urn: string) {
  const schema = allSchemas().find(({ id }) => id.toLowerCase() === urn.toLowerCase());
  if (!schema) throw new ProtocolError(404, 'there is no such schema');
  return describeSchema(schema, baseUrl);
}

function listAll<Resource>(resources: readonly Resource[]): ListResponse<Resource> {
  return toListResponse(resources, { totalResults: resources.length, startIndex: 1 });
}

function allSchemas(): SchemaDefinition[] {
  return [...new Set(resourceTypes.flatMap(({ schema, extensions }) => [schema, ...extensions]))];
}

function describeResourceType(
  { name, endpoint, description, schema, extensions }: ResourceType,
  baseUrl: string,
) {
  return {
    schemas: [`${core}:ResourceType`],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${name}` },
  };
}

function describeSchema({ id, name, description, attributes }: SchemaDefinition, baseUrl: string) {
  return {
    schemas: [`${core}:Schema`],
    id,
    name,
    description,
    // A password is accepted and thrown away: what is not stored is not advertised.
    attributes: attributes.filter(({ mutability }) => mutability !== 'writeOnly').map(describeAttribute),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
  };
}

/** Case and uniqueness are said of simple attributes only, as RFC 7643 §8.7.1 does. */
function describeAttribute(definition: AttributeDefinition): Record<string, unknown> {
  const { subAttributes, caseExact, uniqueness, ...others } = definition;
  return subAttributes
    ? { ...others, subAttributes: subAttributes.map(describeAttribute) }
    : { ...others, caseExact, uniqueness };
}
