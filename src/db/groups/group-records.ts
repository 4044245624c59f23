import type { GroupMember, GroupRecord } from '../../domain/groups.ts';
import { groupTable } from '../directory/group-columns.ts';
import {
  belongs,
  comesBehind,
  type Found,
  foundIn,
  orderOf,
  type Position,
  type Question,
  type Slice,
  sliceOf,
} from '../directory/page-sql.ts';
import { sql } from '../directory/sql.ts';
import { Group } from '../entities/group.ts';
import type { TenantScope } from '../scope.ts';

/** A group, locked against who changes it or its members; `null` where there is none. */
export async function lockGroup({ em, tenant }: TenantScope, id: string): Promise<Group | null> {
  const [row] = await em.execute<Record<string, unknown>[]>(
    `select * from groups where tenant_id = ? and id = ? for no key update`,
    [tenant.id, id],
  );
  return row ? em.map(Group, row) : null;
}

/** A group without its members, which are not looked at; `null` where there is none. */
export async function findGroup({ em, tenant }: TenantScope, id: string): Promise<Group | null> {
  return em.findOne(Group, { tenantId: tenant.id, id });
}

/** A slice of the groups that are asked for, without their members. */
export async function findGroups(
  { em, tenant }: TenantScope,
  question: Question,
  slice: Slice,
): Promise<Found<Group>> {
  const table = groupTable({ tenantId: tenant.id, ...question.locations });
  const asked = sql`
    select g.*, (${orderOf(table, question).key})::text as sort_key
    from groups g where ${sliceOf(table, question, slice)}`;
  const rows = await em.execute<GroupRow[]>(asked.sql, asked.values);
  return foundIn(rows, slice, (row) => em.map(Group, row));
}

type GroupRow = Record<string, unknown> & { id: string; sort_key: string | null };

/** How many groups are asked for, behind a position if there is one. */
export async function countGroups(
  { em, tenant }: TenantScope,
  question: Question,
  after: Position | null,
): Promise<number> {
  const table = groupTable({ tenantId: tenant.id, ...question.locations });
  const asked = sql`
    select count(*)::int as count from groups g
    where ${belongs(table, question)} and ${comesBehind({ table, order: orderOf(table, question) }, after)}`;
  const [counted] = await em.execute<{ count: number }[]>(asked.sql, asked.values);
  return counted?.count ?? 0;
}

/** The groups with these ids, in no order. */
export async function readGroups({ em, tenant }: TenantScope, ids: readonly string[]): Promise<Group[]> {
  return em.find(Group, { tenantId: tenant.id, id: { $in: [...ids] } });
}

/** What a directory knows of a group, from its row. */
export function describeRecord(group: Group): GroupRecord {
  const { id, displayName, version, createdAt, updatedAt } = group;
  return { id, displayName, externalId: group.externalId ?? null, version, createdAt, updatedAt };
}

/** The members of groups, by the id of the group, in the order of their ids; removed users are not shown. */
export async function findMembers(
  scope: TenantScope,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, GroupMember[]>> {
  const { em, tenant } = scope;
  const list = groupIds.join(' ');
  const links = await em.execute<{ group_id: string; id: string }[]>(
    `select group_id, user_id as id from group_users
     where tenant_id = ? and group_id = any(string_to_array(?, ' ')::uuid[])
     union all
     select group_id, child_id from group_children
     where tenant_id = ? and group_id = any(string_to_array(?, ' ')::uuid[])`,
    [tenant.id, list, tenant.id, list],
  );
  const known = await nameMembers(scope, [...new Set(links.map(({ id }) => id))]);
  const members = new Map<string, GroupMember[]>(groupIds.map((id) => [id, []]));
  for (const { group_id, id } of links) {
    const member = known.get(id);
    if (member) members.get(group_id)?.push(member);
  }
  for (const list of members.values()) list.sort((one, other) => (one.id < other.id ? -1 : 1));
  return members;
}

/** Named by the list of their ids and not by a join: for that many a join would be planned as for one. */
async function nameMembers(
  { em, tenant }: TenantScope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, GroupMember>> {
  if (ids.length === 0) return new Map();
  const list = ids.join(' ');
  const rows = await em.execute<GroupMember[]>(
    `select id, 'User' as kind, display_name as display from users
     where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[]) and removed_at is null
     union all
     select id, 'Group', display_name from groups
     where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[])`,
    [tenant.id, list, tenant.id, list],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** How many members a group has of each kind; users who were removed are counted, since they may come back. */
export async function countMembers(
  { em, tenant }: TenantScope,
  id: string,
): Promise<{ users: number; groups: number }> {
  const [row] = await em.execute<{ users: number; groups: number }[]>(
    `select
       (select count(*)::int from group_users where tenant_id = ? and group_id = ?) as users,
       (select count(*)::int from group_children where tenant_id = ? and group_id = ?) as groups`,
    [tenant.id, id, tenant.id, id],
  );
  return { users: row?.users ?? 0, groups: row?.groups ?? 0 };
}
