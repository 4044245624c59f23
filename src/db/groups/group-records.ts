import type { GroupCondition } from '../../domain/filter.ts';
import { type GroupMember, type GroupRecord, isId } from '../../domain/groups.ts';
import { foldCase } from '../../domain/user-attributes.ts';
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

/** A page of the groups for which all conditions hold, in the order they were created, without their members. */
export async function findGroups(
  { em, tenant }: TenantScope,
  conditions: readonly GroupCondition[],
  page: { offset: number; limit: number },
): Promise<Group[]> {
  const where = whereOf(tenant.id, conditions);
  return where === null ? [] : em.find(Group, where, { orderBy: { createdAt: 'asc', id: 'asc' }, ...page });
}

/** How many groups there are for which all conditions hold. */
export async function countGroups(
  { em, tenant }: TenantScope,
  conditions: readonly GroupCondition[],
): Promise<number> {
  const where = whereOf(tenant.id, conditions);
  return where === null ? 0 : em.count(Group, where);
}

/** `null` where no group can fit. */
function whereOf(tenantId: string, conditions: readonly GroupCondition[]) {
  if (conditions.some(({ attribute, value }) => attribute === 'id' && !isId(value))) return null;
  const all = conditions.map(({ attribute, value }) =>
    attribute === 'displayName' ? { displayNameKey: foldCase(value) } : { [attribute]: value },
  );
  return { tenantId, $and: all };
}

/** What a directory knows of a group, from its row. */
export function describeRecord(group: Group): GroupRecord {
  const { id, displayName, version, createdAt, updatedAt } = group;
  return { id, displayName, externalId: group.externalId ?? null, version, createdAt, updatedAt };
}

type MemberRow = { group_id: string; id: string; kind: GroupMember['kind']; display: string | null };

/** The members of groups, by the id of the group; users who were removed are not shown. */
export async function findMembers(
  { em, tenant }: TenantScope,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, GroupMember[]>> {
  const members = new Map<string, GroupMember[]>(groupIds.map((id) => [id, []]));
  const list = groupIds.join(' ');
  const rows = await em.execute<MemberRow[]>(
    `select m.group_id, u.id, 'User' as kind, u.display_name as display
     from group_users m join users u on u.tenant_id = m.tenant_id and u.id = m.user_id and u.removed_at is null
     where m.tenant_id = ? and m.group_id = any(string_to_array(?, ' ')::uuid[])
     union all
     select m.group_id, g.id, 'Group', g.display_name
     from group_children m join groups g on g.tenant_id = m.tenant_id and g.id = m.child_id
     where m.tenant_id = ? and m.group_id = any(string_to_array(?, ' ')::uuid[])
     order by id`,
    [tenant.id, list, tenant.id, list],
  );
  for (const { group_id, ...member } of rows) members.get(group_id)?.push(member);
  return members;
}

/** How many members a group has of each kind; users who were removed do not count. */
export async function countMembers(
  { em, tenant }: TenantScope,
  id: string,
): Promise<{ users: number; groups: number }> {
  const [row] = await em.execute<{ users: number; groups: number }[]>(
    `select
       (select count(*)::int from group_users m
        join users u on u.tenant_id = m.tenant_id and u.id = m.user_id and u.removed_at is null
        where m.tenant_id = ? and m.group_id = ?) as users,
       (select count(*)::int from group_children where tenant_id = ? and group_id = ?) as groups`,
    [tenant.id, id, tenant.id, id],
  );
  return { users: row?.users ?? 0, groups: row?.groups ?? 0 };
}
