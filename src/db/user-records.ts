import { isId } from '../domain/groups.ts';
import { userAttributes, type UserGroup, type UserRecord } from '../domain/user-attributes.ts';
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
} from './directory/page-sql.ts';
import { sql } from './directory/sql.ts';
import { userTable } from './directory/user-columns.ts';
import { User } from './entities/user.ts';
import { groupsOfUser } from './groups/groups-of-user.ts';
import type { TenantScope } from './scope.ts';

type RecordRow = {
  id: string;
  user_name: string;
  external_id: string | null;
  active: boolean;
  display_name: string | null;
  profile: Record<string, unknown>;
  emails: Record<string, unknown>[] | null;
  groups: UserGroup[] | null;
  version: number;
  created_at: string;
  updated_at: string;
};

/** A user with all that a directory knows of it, its e-mails with it, in one statement. */
const columns = sql`u.*, (
    select json_agg(json_strip_nulls(json_build_object(
      'value', e.value, 'display', e.display, 'type', e.type, 'primary', e.is_primary)) order by e.position)
    from user_emails e where e.tenant_id = u.tenant_id and e.user_id = u.id
  ) as emails, ${{ sql: groupsOfUser, values: [] }} as groups`;

/** A slice of the users who are asked for. */
export async function findRecords(
  { em, tenant }: TenantScope,
  question: Question,
  slice: Slice,
): Promise<Found<UserRecord>> {
  const table = userTable({ tenantId: tenant.id, ...question.locations });
  const asked = sql`
    select ${columns}, (${orderOf(table, question).key})::text as sort_key
    from users u where ${sliceOf(table, question, slice)}`;
  const rows = await em.execute<(RecordRow & { sort_key: string | null })[]>(asked.sql, asked.values);
  return foundIn(rows, slice, recordOf);
}

/** How many users are asked for, behind a position if there is one. */
export async function countRecords(
  { em, tenant }: TenantScope,
  question: Question,
  after: Position | null,
): Promise<number> {
  const table = userTable({ tenantId: tenant.id, ...question.locations });
  const asked = sql`
    select count(*)::int as count from users u
    where ${belongs(table, question)} and ${comesBehind({ table, order: orderOf(table, question) }, after)}`;
  const [counted] = await em.execute<{ count: number }[]>(asked.sql, asked.values);
  return counted?.count ?? 0;
}

/** The users with these ids who are not removed, in no order. */
export async function readRecords(
  { em, tenant }: TenantScope,
  ids: readonly string[],
): Promise<UserRecord[]> {
  const rows = await em.execute<RecordRow[]>(
    `select ${columns.sql} from users u
     where u.tenant_id = ? and u.removed_at is null and u.id = any(string_to_array(?, ' ')::uuid[])`,
    [tenant.id, ids.filter(isId).join(' ')],
  );
  return rows.map(recordOf);
}

/** A user's row, locked, with all that a directory knows of it; `null` where there is none, or it was removed. */
export async function lockRecord(
  { em, tenant }: TenantScope,
  id: string,
): Promise<{ user: User; current: UserRecord } | null> {
  if (!isId(id)) return null;
  // Locked first and read then: a statement that waited for a lock sees the e-mails of before it waited.
  const where = 'where u.tenant_id = ? and u.id = ? and u.removed_at is null';
  await em.execute(`select 1 from users u ${where} for update`, [tenant.id, id]);
  const [row] = await em.execute<RecordRow[]>(`select ${columns.sql} from users u ${where}`, [tenant.id, id]);
  if (!row) return null;
  const { emails: _, groups: __, ...own } = row;
  return { user: em.map(User, own), current: recordOf(row) };
}

function recordOf(row: RecordRow): UserRecord {
  return {
    ...userAttributes.parse({
      ...row.profile,
      userName: row.user_name,
      externalId: row.external_id,
      active: row.active,
      displayName: row.display_name,
      emails: row.emails ?? [],
    }),
    id: row.id,
    version: row.version,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    groups: row.groups ?? [],
  };
}
