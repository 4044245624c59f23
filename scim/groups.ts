import {
  changeProvisionedGroup,
  type ChangedGroup,
  countProvisionedGroups,
  type GroupChange,
  listProvisionedGroups,
  provisionGroup,
  readMembers,
  readProvisionedGroup,
  removeProvisionedGroup,
} from '../src/actions/people/groups.ts';
import { type GroupRecord, isId } from '../src/domain/groups.ts';
import type { Answer, ResourceChange, ScimRequest } from './endpoint.ts';
import { ProtocolError } from './errors.ts';
import { type Listed, listResources } from './listing.ts';
import { readGroupPatch } from './patch/group-patch.ts';
import { readPatch } from './patch/patch.ts';
import { isKnown, requireVersion } from './preconditions.ts';
import { locateGroup, readGroup, showsMembers, toGroupResource } from './resource/group-resource.ts';
import { readProjection } from './resource/projection.ts';
import { toEntityTag, type View } from './resource/user-resource.ts';
import { groupType } from './schema/resource-types.ts';

/** POST /Groups (RFC 7644 §3.3): 201 with the whole group, `members: []` if it has none; 409 for a taken name. */
export async function createGroup(request: ScimRequest): Promise<Answer> {
  const view = readView(request);
  const { attributes, members, normalized } = readGroup(request.readBody());
  const { group, what } = await provisionGroup(request.scope, attributes, members ?? []);
  const answer = await showGroup(request, group, view);
  const location = locateGroup(group.id, request.baseUrl);
  const headers = { ...answer.headers, location };
  return { ...answer, status: 201, headers, normalized, changes: [{ kind: 'group', id: group.id, what }] };
}

/** Groups as they are listed. Members are not looked at where they are not shown. */
export const listedGroups: Listed<GroupRecord> = {
  type: groupType,
  find: listProvisionedGroups,
  count: countProvisionedGroups,
  async show(request, groups) {
    const view = readView(request);
    const ids = groups.map(({ id }) => id);
    const members = showsMembers(view.projection) ? await readMembers(request.scope, ids) : null;
    return groups.map((group) => toGroupResource(group, members?.get(group.id), view));
  },
};

/** GET /Groups (RFC 7644 §3.4.2): a page of groups, always 200. */
export function listGroups(request: ScimRequest): Promise<Answer> {
  return listResources(request, listedGroups);
}

/** GET /Groups/{id} (RFC 7644 §3.4.1); 304 for the version that `If-None-Match` names (§3.14). */
export async function getGroup(request: ScimRequest): Promise<Answer> {
  const view = readView(request);
  const group = await readProvisionedGroup(request.scope, readId(request));
  if (!isKnown(request.preconditions, group.version)) return showGroup(request, group, view);
  return { status: 304, headers: { etag: toEntityTag(group.version) } };
}

/** PUT /Groups/{id} (RFC 7644 §3.5.1): what is absent is unset, but members stay that the body says nothing of. */
export async function replaceGroup(request: ScimRequest): Promise<Answer> {
  const view = readView(request);
  const { attributes, members, normalized } = readGroup(request.readBody());
  const edits = members === null ? [] : [{ op: 'replace' as const, ids: members }];
  const changed = await changeGroup(request, { attributes, members: edits });
  return { ...(await showGroup(request, changed.group, view)), normalized, changes: tellChanges(changed) };
}

/**
 * PATCH /Groups/{id} (RFC 7644 §3.5.2): every operation or none; 204 without a body, as Entra asks, since a body with
 * all members costs more than the change; 200 with the group where `attributes` asks for some (§3.5.2).
 */
export async function patchGroup(request: ScimRequest): Promise<Answer> {
  const view = readView(request);
  const { normalized, ...edits } = readGroupPatch(readPatch(request.readBody()));
  const changed = await changeGroup(request, edits);
  const answer: Answer = request.query.has('attributes')
    ? await showGroup(request, changed.group, view)
    : { status: 204, headers: { etag: toEntityTag(changed.group.version) } };
  return { ...answer, normalized, changes: tellChanges(changed) };
}

/** DELETE /Groups/{id} (RFC 7644 §3.6): 204 once, 404 from then on. Its members stay users. */
export async function deleteGroup(request: ScimRequest): Promise<Answer> {
  const id = readId(request);
  await removeProvisionedGroup(request.scope, id, ({ version }) =>
    requireVersion(request.preconditions, version),
  );
  return { status: 204, changes: [{ kind: 'group', id, what: ['removed'] }] };
}

function changeGroup(request: ScimRequest, edits: Omit<GroupChange, 'expect'>): Promise<ChangedGroup> {
  const expect = ({ version }: GroupRecord) => requireVersion(request.preconditions, version);
  return changeProvisionedGroup(request.scope, readId(request), { ...edits, expect });
}

function tellChanges({ group, what }: ChangedGroup): readonly ResourceChange[] {
  return what.length > 0 ? [{ kind: 'group', id: group.id, what }] : [];
}

function readView({ baseUrl, query }: ScimRequest): View {
  return { baseUrl, projection: readProjection(groupType, query) };
}

/** The id in the path. What cannot be an id is nobody's: 404, with the words of any other. */
function readId({ id }: ScimRequest): string {
  if (isId(id)) return id;
  throw new ProtocolError(404, 'no such group');
}

async function showGroup({ scope }: ScimRequest, group: GroupRecord, view: View): Promise<Answer> {
  const shown = showsMembers(view.projection) ? await readMembers(scope, [group.id]) : undefined;
  const body = toGroupResource(group, shown?.get(group.id), view);
  return { status: 200, body, headers: { etag: toEntityTag(group.version) } };
}
