import type { MemberDelta } from '../../domain/groups.ts';
import type { TenantScope } from '../scope.ts';

/** Where a group's members of each kind are kept. */
const memberTables = {
  users: { table: 'group_users', column: 'user_id' },
  groups: { table: 'group_children', column: 'child_id' },
} as const;
type MemberKind = keyof typeof memberTables;

/** Which of the ids are users, and which are groups, of this tenant. */
export async function sortIds(
  { em, tenant }: TenantScope,
  ids: readonly string[],
): Promise<{ users: string[]; groups: string[] }> {
  if (ids.length === 0) return { users: [], groups: [] };
  const list = ids.join(' ');
  const rows = await em.execute<{ id: string; is_user: boolean }[]>(
    `select id, true as is_user from users
     where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[]) and removed_at is null
     union all
     select id, false from groups where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[])`,
    [tenant.id, list, tenant.id, list],
  );
  return {
    users: rows.filter((row) => row.is_user).map(({ id }) => id),
    groups: rows.filter((row) => !row.is_user).map(({ id }) => id),
  };
}

/** From how many rows on it pays to plan for many. */
const manyRows = 500;

/**
 * Has the rest of the transaction planned for many rows, whatever PostgreSQL guesses. It would compare each with each
 * where it takes a group to be small; and a connection keeps the plan by which it checks a foreign key until the table
 * is analyzed: one that was made when there were few users reads all of them for each row.
 */
export async function planForMany({ em }: TenantScope, rows: number): Promise<void> {
  if (rows < manyRows) return;
  await em.execute(`select set_config('enable_nestloop', 'off', true)`);
  await em.execute('discard plans');
}

/** Puts users, or groups, into a group; tells which were not in it before. */
export async function insertMembers(
  { em, tenant }: TenantScope,
  groupId: string,
  { kind, ids }: { kind: MemberKind; ids: readonly string[] },
): Promise<string[]> {
  if (ids.length === 0) return [];
  const { table, column } = memberTables[kind];
  const rows = await em.execute<{ id: string }[]>(
    `insert into ${table} (tenant_id, group_id, ${column})
     select ?, ?, id from unnest(string_to_array(?, ' ')::uuid[]) as given (id) order by id
     on conflict do nothing returning ${column} as id`,
    [tenant.id, groupId, ids.join(' ')],
  );
  return rows.map(({ id }) => id);
}

/**
 * Takes users out of a group, those named or all but those who stay, and notes it for a restoration, in one statement;
 * tells who was in it.
 */
export async function deleteUsers(
  { em, tenant, now }: TenantScope,
  groupId: string,
  delta: MemberDelta,
): Promise<string[]> {
  const { sql, ids } = leaving(delta, 'user_id');
  if (sql === null) return [];
  const rows = await em.execute<{ user_id: string }[]>(
    `with gone as (delete from group_users where tenant_id = ? and group_id = ? and ${sql} returning user_id)
     insert into removed_memberships (tenant_id, group_id, user_id, removed_at)
     select ?, ?, user_id, ? from gone
     on conflict (tenant_id, group_id, user_id) do update set removed_at = excluded.removed_at
     returning user_id`,
    [tenant.id, groupId, ids, tenant.id, groupId, now],
  );
  return rows.map(({ user_id }) => user_id);
}

/** Which groups would leave a group by this change. */
export async function findChildrenLeaving(
  { em, tenant }: TenantScope,
  groupId: string,
  delta: MemberDelta,
): Promise<string[]> {
  const { sql, ids } = leaving(delta, 'child_id');
  if (sql === null) return [];
  const rows = await em.execute<{ child_id: string }[]>(
    `select child_id from group_children where tenant_id = ? and group_id = ? and ${sql}`,
    [tenant.id, groupId, ids],
  );
  return rows.map(({ child_id }) => child_id);
}

/** Takes groups out of a group, those named or all but those that stay; tells which were in it. */
export async function deleteChildren(
  { em, tenant }: TenantScope,
  groupId: string,
  delta: MemberDelta,
): Promise<string[]> {
  const { sql, ids } = leaving(delta, 'child_id');
  if (sql === null) return [];
  const rows = await em.execute<{ child_id: string }[]>(
    `delete from group_children where tenant_id = ? and group_id = ? and ${sql} returning child_id`,
    [tenant.id, groupId, ids],
  );
  return rows.map(({ child_id }) => child_id);
}

/** Who leaves: a list that is hashed once, however long it is. */
function leaving({ keepsOthers, added, removed }: MemberDelta, column: 'user_id' | 'child_id') {
  if (!keepsOthers) {
    const stays = `select from unnest(string_to_array(?, ' ')::uuid[]) as stays (id) where stays.id = ${column}`;
    return { sql: `not exists (${stays})`, ids: [...added].join(' ') };
  }
  const sql = removed.size > 0 ? `${column} = any(string_to_array(?, ' ')::uuid[])` : null;
  return { sql, ids: [...removed].join(' ') };
}
