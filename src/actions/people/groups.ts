import {
  foldMemberEdits,
  type GroupAttributes,
  type GroupMember,
  type GroupRecord,
  type MemberEdit,
  onlyRemoves,
} from '../../domain/groups.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import type { Found, Position, Question, Slice } from '../../db/directory/page-sql.ts';
import { Group } from '../../db/entities/group.ts';
import {
  countGroups,
  describeRecord,
  findGroup,
  findGroups,
  findMembers,
  lockGroup,
} from '../../db/groups/group-records.ts';
import { findGifts, findUsersWithin, lockShape } from '../../db/groups/group-roles.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { promiseDirectoryEvent, promiseMembershipEvents } from '../webhooks/directory-events.ts';
import { applyGifts } from './group-effects.ts';
import { type MemberChanges, planMembers, writeMembers } from './group-members.ts';

/** What becomes of a group: attributes that are set, and edits of its members in their order. */
export type GroupChange = {
  attributes: Partial<GroupAttributes>;
  members: readonly MemberEdit[];
  /** Looks at the group when nobody else can change it any more, and may refuse. */
  expect: (current: GroupRecord) => void;
};

/** A group after a change, and what the change was, in words. */
export type ChangedGroup = { group: GroupRecord; what: string[] };

/** Creates a group for the tenant's directory. `CONFLICT` when displayName or externalId are taken. */
export async function provisionGroup(
  scope: TenantScope,
  attributes: GroupAttributes,
  memberIds: readonly string[],
): Promise<ChangedGroup> {
  authorize(scope.actor, scope.tenant, 'scim.write');
  const { em, tenant, now } = scope;
  const id = newId();
  const planned = await planMembers(scope, id, foldMemberEdits([{ op: 'add', ids: memberIds }]));
  const group = em.create(Group, {
    tenantId: tenant.id,
    id,
    ...columnsOf(attributes),
    role: null,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  const changes = await writeMembers(scope, id, planned);
  await record(scope, 'group.created', {
    target: { kind: 'group', id },
    details: { ...attributes, ...count(changes) },
  });
  await promiseDirectoryEvent(scope, 'group.created', { groupId: id });
  await tellOfMembers(scope, id, changes);
  return { group: describeRecord(group), what: ['displayName', ...describe(changes)] };
}

/** One group of the directory, without its members. */
export async function readProvisionedGroup(scope: TenantScope, id: string): Promise<GroupRecord> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  return describeRecord((await findGroup(scope, id)) ?? unknownGroup());
}

/** Groups that are asked for, in a stable order and without their members. */
export async function listProvisionedGroups(
  scope: TenantScope,
  question: Question,
  slice: Slice,
): Promise<Found<GroupRecord>> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  const found = await findGroups(scope, question, slice);
  return { ...found, resources: found.resources.map(describeRecord) };
}

/** How many groups are asked for, behind a position if there is one. */
export function countProvisionedGroups(
  scope: TenantScope,
  question: Question,
  after: Position | null,
): Promise<number> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  return countGroups(scope, question, after);
}

/** The members of groups, by the id of the group. */
export async function readMembers(
  scope: TenantScope,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, GroupMember[]>> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  return findMembers(scope, groupIds);
}

/**
 * Changes a group and its members, or refuses and leaves all as it was. Nothing is written, and no version moves, when
 * nothing changes. Taking members out is deprovisioning, which a suspended tenant's directory may do.
 */
export async function changeProvisionedGroup(
  scope: TenantScope,
  id: string,
  { attributes, members, expect }: GroupChange,
): Promise<ChangedGroup> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  if ((await scope.em.count(Group, { tenantId: scope.tenant.id, id })) === 0) unknownGroup();
  const planned = await planMembers(scope, id, foldMemberEdits(members));
  const group = (await lockGroup(scope, id)) ?? unknownGroup();
  const current = describeRecord(group);
  expect(current);
  const changes = await writeMembers(scope, id, planned);
  const next = { ...current, ...attributes };
  const renamed = next.displayName !== current.displayName || next.externalId !== current.externalId;
  const { added, removed } = count(changes);
  const takesOnly = !renamed && added === 0 && (removed > 0 || onlyRemoves(members));
  authorize(scope.actor, scope.tenant, takesOnly ? 'scim.deprovision' : 'scim.write');
  if (!renamed && added + removed === 0) return { group: current, what: [] };
  Object.assign(group, columnsOf(next), { version: group.version + 1, updatedAt: scope.now });
  await record(scope, 'group.updated', {
    target: { kind: 'group', id },
    details: {
      version: group.version,
      added,
      removed,
      ...(renamed && { before: named(current), after: named(next) }),
    },
  });
  const changed = namesOf(current, next);
  if (renamed) await promiseDirectoryEvent(scope, 'group.updated', { groupId: id, changed });
  await tellOfMembers(scope, id, changes);
  if (added + removed > 0) await applyGifts(scope, await findGifts(scope, id), changes);
  return { group: describeRecord(group), what: [...changed, ...describe(changes)] };
}

/** Removes a group; its members stay, without what they had by it. `expect` looks at it first, and may refuse. */
export async function removeProvisionedGroup(
  scope: TenantScope,
  id: string,
  expect: (current: GroupRecord) => void,
): Promise<void> {
  authorize(scope.actor, scope.tenant, 'scim.deprovision');
  await lockShape(scope, 'alone');
  const group = (await lockGroup(scope, id)) ?? unknownGroup();
  expect(describeRecord(group));
  const gifts = await findGifts(scope, id);
  const removed = gifts.role || gifts.access ? await findUsersWithin(scope, [id]) : [];
  await scope.em.nativeDelete(Group, { tenantId: scope.tenant.id, id });
  const { displayName, externalId } = group;
  await record(scope, 'group.removed', {
    target: { kind: 'group', id },
    details: { displayName, externalId },
  });
  await promiseDirectoryEvent(scope, 'group.deleted', { groupId: id });
  const none = { added: [], removed: [] };
  await applyGifts(scope, gifts, { users: { added: [], removed }, groups: none });
}

async function tellOfMembers(scope: TenantScope, groupId: string, { users }: MemberChanges): Promise<void> {
  await promiseMembershipEvents(scope, 'membership.removed', { groupId, userIds: users.removed });
  await promiseMembershipEvents(scope, 'membership.added', { groupId, userIds: users.added });
}

function columnsOf({ displayName, externalId }: GroupAttributes) {
  return { displayName, displayNameKey: foldCase(displayName), externalId };
}

function named({ displayName, externalId }: GroupAttributes): GroupAttributes {
  return { displayName, externalId };
}

function namesOf(before: GroupAttributes, after: GroupAttributes): string[] {
  return (['displayName', 'externalId'] as const).filter((name) => before[name] !== after[name]);
}

function count({ users, groups }: MemberChanges): { added: number; removed: number } {
  return {
    added: users.added.length + groups.added.length,
    removed: users.removed.length + groups.removed.length,
  };
}

function describe(changes: MemberChanges): string[] {
  const { added, removed } = count(changes);
  return [
    ...(added > 0 ? [`members: ${added} added`] : []),
    ...(removed > 0 ? [`members: ${removed} removed`] : []),
  ];
}

function unknownGroup(): never {
  throw new Refusal('NOT_FOUND', 'no such group');
}
