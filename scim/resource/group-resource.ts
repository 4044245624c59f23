import type { GroupAttributes, GroupMember, GroupRecord } from '../../src/domain/groups.ts';
import { badRequest } from '../errors.ts';
import { addGroupEdit, type GroupEdits } from '../patch/group-patch.ts';
import { type EditContext, readObjectEdits } from '../patch/edit-reader.ts';
import { groupType, userType } from '../schema/resource-types.ts';
import { noteSchemas } from './named-schemas.ts';
import { type Projection, projectResource } from './projection.ts';
import { requireStorableText } from './storable-text.ts';
import { type Resource, toEntityTag, type View } from './user-resource.ts';

/** What the body of a POST or a PUT says of a group; `members` is null where it says nothing of them. */
export type GroupBody = {
  attributes: GroupAttributes;
  members: readonly string[] | null;
  normalized: string[];
};

/**
 * Reads the body of a POST or a PUT (RFC 7644 §3.3, §3.5.1). Read-only attributes, unknown ones and unknown schemas are
 * ignored. 400 invalidSyntax if the body is no object, 400 invalidValue for a missing displayName or a wrong value.
 */
export function readGroup(body: unknown): GroupBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('invalidSyntax', 'the body must be a JSON object');
  }
  requireStorableText(body);
  const context: EditContext = { type: groupType, notes: new Set() };
  noteSchemas(body, groupType, context.notes);
  const edits: GroupEdits = { attributes: {}, members: [] };
  for (const edit of readObjectEdits({ op: 'replace', value: body }, context)) {
    addGroupEdit(edits, edit, { context, isNamed: false });
  }
  const { displayName, externalId = null } = edits.attributes;
  if (displayName === undefined) throw badRequest('invalidValue', 'displayName is required');
  const said = edits.members.at(-1);
  const members = said && said.op === 'replace' ? said.ids : null;
  return { attributes: { displayName, externalId }, members, normalized: [...context.notes] };
}

/** Whether the members are to be shown: they are not even looked at where they are not. */
export function showsMembers(projection: Projection | undefined): boolean {
  if (!projection) return true;
  const named = projection.parts.get('members');
  return projection.mode === 'only' ? named !== undefined : named !== null;
}

/** Where a group is found: `meta.location` and the Location header. */
export function locateGroup(id: string, baseUrl: string): string {
  return `${baseUrl}${groupType.endpoint}/${encodeURIComponent(id)}`;
}

/** A group as a SCIM resource (RFC 7643 §8.4); `members` is there, if only as an empty list, where it is given. */
export function toGroupResource(
  group: GroupRecord,
  members: readonly GroupMember[] | undefined,
  { baseUrl, projection }: View,
): Resource {
  const resource = {
    schemas: [groupType.schema.id],
    id: group.id,
    ...(group.externalId !== null && { externalId: group.externalId }),
    displayName: group.displayName,
    ...(members && { members: members.map((member) => toMember(member, baseUrl)) }),
    meta: {
      resourceType: groupType.name,
      created: group.createdAt.toISOString(),
      lastModified: group.updatedAt.toISOString(),
      location: locateGroup(group.id, baseUrl),
      version: toEntityTag(group.version),
    },
  };
  return projection ? projectResource(resource, projection) : resource;
}

function toMember({ id, kind, display }: GroupMember, baseUrl: string) {
  const { endpoint } = kind === 'User' ? userType : groupType;
  return { value: id, $ref: `${baseUrl}${endpoint}/${id}`, type: kind, ...(display !== null && { display }) };
}
