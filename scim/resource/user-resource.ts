import type { UserAttributes, UserGroup, UserRecord } from '../../src/domain/user-attributes.ts';
import { applyEdit } from '../patch/edit.ts';
import { type EditContext, readObjectEdits } from '../patch/edit-reader.ts';
import { badRequest } from '../errors.ts';
import { noteSchemas } from './named-schemas.ts';
import { type Projection, projectResource } from './projection.ts';
import type { AttributeValue } from './resource-document.ts';
import { groupType, userType } from '../schema/resource-types.ts';
import { requireStorableText } from './storable-text.ts';
import { toDocument, toUserAttributes } from './user-document.ts';

/** A resource as it is sent. */
export type Resource = Record<string, unknown>;

/**
 * Reads the body of a POST or a PUT (RFC 7644 §3.3, §3.5.1). What the body does not set is absent, but for
 * `active`: that is `whenAbsent.active`, since a PUT that leaves it out must not reactivate anyone. Read-only
 * attributes, unknown ones and the password are ignored; `normalized` lists the leniencies that were needed.
 * 400 invalidSyntax if the body is no object, 400 invalidValue for a missing userName or a wrong value.
 */
export function readUser(
  body: unknown,
  whenAbsent: { active: boolean },
): { attributes: UserAttributes; normalized: string[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('invalidSyntax', 'the body must be a JSON object');
  }
  requireStorableText(body);
  const context: EditContext = { type: userType, notes: new Set() };
  noteSchemas(body, userType, context.notes);
  const document = new Map<string, AttributeValue>();
  for (const edit of readObjectEdits({ op: 'replace', value: body }, context)) {
    applyEdit(document, edit, context.notes);
  }
  if (!document.has('active')) document.set('active', whenAbsent.active);
  return { attributes: toUserAttributes(document, context.notes), normalized: [...context.notes] };
}

/** How a resource is shown: `baseUrl` is that of the tenant's SCIM endpoint, without a slash at its end. */
export type View = { baseUrl: string; projection?: Projection | undefined };

/** The entity tag of a version (RFC 7644 §3.14): weak, since one version may be shown in many ways. */
export function toEntityTag(version: number): string {
  return `W/"${version}"`;
}

/** Where a user is found: `meta.location` and the Location header. */
export function locateUser(id: string, baseUrl: string): string {
  return `${baseUrl}${userType.endpoint}/${encodeURIComponent(id)}`;
}

/** A user as a SCIM resource (RFC 7643 §8.2): nothing null, nothing empty, `active` always there. */
export function toUserResource(user: UserRecord, { baseUrl, projection }: View): Resource {
  const core: Resource = {};
  const extensions = new Map<string, Resource>();
  const document = toDocument(user);
  for (const { key, schema, definition } of userType.attributes) {
    const value = document.get(key);
    if (value === undefined) continue;
    if (schema === userType.schema) core[definition.name] = value;
    else extensions.set(schema.id, { ...extensions.get(schema.id), [definition.name]: value });
  }
  const { manager } = user.enterprise;
  for (const extension of extensions.values()) {
    if (manager) extension['manager'] = { ...manager, $ref: locateUser(manager.value, baseUrl) };
  }
  const resource = {
    schemas: [userType.schema.id, ...extensions.keys()],
    id: user.id,
    ...core,
    ...(user.groups.length > 0 && { groups: user.groups.map((group) => toGroup(group, baseUrl)) }),
    ...Object.fromEntries(extensions),
    meta: {
      resourceType: userType.name,
      created: user.createdAt.toISOString(),
      lastModified: user.updatedAt.toISOString(),
      location: locateUser(user.id, baseUrl),
      version: toEntityTag(user.version),
    },
  };
  return projection ? projectResource(resource, projection) : resource;
}

/** How the user is in a group (RFC 7643 §4.1.2): `direct`, or `indirect` by a group within it. */
function toGroup({ id, display, isDirect }: UserGroup, baseUrl: string) {
  const $ref = `${baseUrl}${groupType.endpoint}/${id}`;
  return { value: id, $ref, display, type: isDirect ? 'direct' : 'indirect' };
}
