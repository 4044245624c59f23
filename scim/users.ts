import {
  changeProvisionedUser,
  countProvisionedUsers,
  listProvisionedUsers,
  provisionUser,
  readProvisionedUser,
  removeProvisionedUser,
} from '../src/actions/people/provisioning.ts';
import { isId } from '../src/domain/groups.ts';
import type { UserAttributes, UserRecord } from '../src/domain/user-attributes.ts';
import type { Answer, ResourceChange, ScimRequest } from './endpoint.ts';
import { ProtocolError } from './errors.ts';
import { type Listed, listResources } from './listing.ts';
import { applyPatch, readPatch } from './patch/patch.ts';
import { isKnown, requireVersion } from './preconditions.ts';
import { readProjection } from './resource/projection.ts';
import { nameChanges } from './resource/user-changes.ts';
import { locateUser, readUser, toEntityTag, toUserResource, type View } from './resource/user-resource.ts';
import { userType } from './schema/resource-types.ts';

/** POST /Users (RFC 7644 §3.3): 201 with the whole user, which Okta and Entra read; 409 for a taken userName. */
export async function createUser(request: ScimRequest): Promise<Answer> {
  const view = readView(request);
  const { attributes, normalized } = readUser(request.readBody(), { active: true });
  const user = await provisionUser(request.scope, attributes);
  const answer = showUser(user, view);
  const location = locateUser(user.id, request.baseUrl);
  const headers = { ...answer.headers, location };
  return { ...answer, status: 201, headers, normalized, changes: tellChange(user.id, null, user) };
}

/** Users as they are listed, inactive ones with them. */
export const listedUsers: Listed<UserRecord> = {
  type: userType,
  find: listProvisionedUsers,
  count: countProvisionedUsers,
  async show(request, users) {
    const view = readView(request);
    return users.map((user) => toUserResource(user, view));
  },
};

/** GET /Users (RFC 7644 §3.4.2): a page of users, always 200. */
export function listUsers(request: ScimRequest): Promise<Answer> {
  return listResources(request, listedUsers);
}

/** GET /Users/{id} (RFC 7644 §3.4.1); 304 for the version that `If-None-Match` names (§3.14). */
export async function getUser(request: ScimRequest): Promise<Answer> {
  const view = readView(request);
  const user = await readProvisionedUser(request.scope, readId(request));
  const answer = showUser(user, view);
  return isKnown(request.preconditions, user.version) ? { ...answer, status: 304 } : answer;
}

/** PUT /Users/{id} (RFC 7644 §3.5.1): what is absent is unset, but `active` stays as it was. */
export function replaceUser(request: ScimRequest): Promise<Answer> {
  const body = request.readBody();
  return changeUser(request, (current) => {
    const { attributes, normalized } = readUser(body, current);
    return { next: attributes, normalized };
  });
}

/** PATCH /Users/{id} (RFC 7644 §3.5.2): every operation or none; 200 with the user. */
export function patchUser(request: ScimRequest): Promise<Answer> {
  const operations = readPatch(request.readBody());
  return changeUser(request, (current) => applyPatch(current, operations));
}

/** DELETE /Users/{id} (RFC 7644 §3.6): 204 once, 404 from then on. */
export async function deleteUser(request: ScimRequest): Promise<Answer> {
  await removeProvisionedUser(request.scope, readId(request), ({ version }) =>
    requireVersion(request.preconditions, version),
  );
  return { status: 204, changes: [{ kind: 'user', id: request.id, what: ['removed'] }] };
}

/** What became different of a user, for the log; nothing where nothing did. */
function tellChange(id: string, before: UserAttributes | null, after: UserAttributes): ResourceChange[] {
  const what = nameChanges(before, after);
  return what.length > 0 ? [{ kind: 'user', id, what }] : [];
}

type Change = (current: UserRecord) => { next: UserAttributes; normalized: readonly string[] };

async function changeUser(request: ScimRequest, change: Change): Promise<Answer> {
  const view = readView(request);
  let normalized: readonly string[] = [];
  let changes: readonly ResourceChange[] = [];
  const user = await changeProvisionedUser(request.scope, readId(request), (current) => {
    requireVersion(request.preconditions, current.version);
    const changed = change(current);
    ({ normalized } = changed);
    changes = tellChange(current.id, current, changed.next);
    return changed.next;
  });
  return { ...showUser(user, view), normalized, changes };
}

function readView({ baseUrl, query }: ScimRequest): View {
  return { baseUrl, projection: readProjection(userType, query) };
}

/** The id in the path. What cannot be an id is nobody's: 404, with the words of any other. */
function readId({ id }: ScimRequest): string {
  if (isId(id)) return id;
  throw new ProtocolError(404, 'no such user');
}

function showUser(user: UserRecord, view: View): Answer {
  return { status: 200, body: toUserResource(user, view), headers: { etag: toEntityTag(user.version) } };
}
