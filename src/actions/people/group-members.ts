import { isId, type MemberDelta } from '../../domain/groups.ts';
import { Refusal } from '../../domain/refusal.ts';
import {
  deleteChildren,
  deleteUsers,
  findChildrenLeaving,
  insertMembers,
  planForMany,
  sortIds,
} from '../../db/groups/group-members.ts';
import { lockShape } from '../../db/groups/group-roles.ts';
import type { TenantScope } from '../../db/scope.ts';

/** A change of a group's members that is checked, with the shape of the groups held as it needs. */
export type PlannedMembers = {
  delta: MemberDelta;
  users: string[];
  groups: string[];
  /** Whether groups come into the group, or leave it. */
  reshapes: boolean;
};

/** Who came and who left. */
export type MemberChanges = {
  users: { added: string[]; removed: string[] };
  groups: { added: string[]; removed: string[] };
};

/**
 * Looks at a change of members before anything is written, and holds the shape of the groups: to be called before the
 * group is locked. `INVALID_INPUT` names the first id that is nobody's, or the group's own.
 */
export async function planMembers(
  scope: TenantScope,
  groupId: string,
  delta: MemberDelta,
): Promise<PlannedMembers> {
  const named = [...delta.named];
  const known = await sortIds(scope, named.filter(isId));
  requireKnown(named, new Set([...known.users, ...known.groups]));
  if (delta.named.has(groupId)) throw invalid('a group cannot be a member of itself');
  // What cannot be an id is nobody's, so nobody leaves by it.
  const removed = new Set([...delta.removed].filter(isId));
  const planned = { ...delta, removed };
  const groups = known.groups.filter((id) => delta.added.has(id));
  const leaving = await findChildrenLeaving(scope, groupId, planned);
  const reshapes = groups.length > 0 || leaving.length > 0;
  await lockShape(scope, reshapes ? 'alone' : 'with_others');
  return { delta: planned, users: known.users.filter((id) => delta.added.has(id)), groups, reshapes };
}

/** Changes the members of a locked group, at the cost of what changes and not of who is in it. */
export async function writeMembers(
  scope: TenantScope,
  groupId: string,
  { delta, users, groups, reshapes }: PlannedMembers,
): Promise<MemberChanges> {
  await planForMany(scope, delta.added.size + delta.removed.size);
  const removed = await deleteUsers(scope, groupId, delta);
  const added = await insertMembers(scope, groupId, { kind: 'users', ids: users });
  if (!reshapes) return { users: { added, removed }, groups: { added: [], removed: [] } };
  const left = await deleteChildren(scope, groupId, delta);
  const came = await insertMembers(scope, groupId, { kind: 'groups', ids: groups });
  return { users: { added, removed }, groups: { added: came, removed: left } };
}

function requireKnown(named: readonly string[], known: ReadonlySet<string>): void {
  const unknown = named.find((id) => !known.has(id));
  if (unknown !== undefined) throw invalid(`there is no user or group with the id ${unknown.slice(0, 100)}`);
}

function invalid(sentence: string): Refusal {
  return new Refusal('INVALID_INPUT', `members: ${sentence}`);
}
