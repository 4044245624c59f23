import type { UserCondition } from '../domain/filter.ts';
import {
  foldCase,
  normalizeUserName,
  userAttributes,
  type UserGroup,
  type UserRecord,
} from '../domain/user-attributes.ts';
import { User } from './entities/user.ts';
import { groupsOfUser } from './groups/groups-of-user.ts';
import type { TenantScope } from './scope.ts';

type Fragment = { sql: string; values: readonly unknown[] };

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
const selectRecords = `
  select u.*, (
    select json_agg(json_strip_nulls(json_build_object(
      'value', e.value, 'display', e.display, 'type', e.type, 'primary', e.is_primary)) order by e.position)
    from user_emails e where e.tenant_id = u.tenant_id and e.user_id = u.id
  ) as emails, ${groupsOfUser} as groups
  from users u`;

/** A page of the users for which all conditions hold, in the order they were created. */
export async function findRecords(
  { em, tenant }: TenantScope,
  conditions: readonly UserCondition[],
  { offset, limit }: { offset: number; limit: number },
): Promise<UserRecord[]> {
  const { sql, values } = whereOf(tenant.id, conditions);
  const rows = await em.execute<RecordRow[]>(
    `${selectRecords} where ${sql} order by u.created_at, u.id limit ? offset ?`,
    [...values, limit, offset],
  );
  return rows.map(recordOf);
}

/** How many users there are for which all conditions hold. */
export async function countRecords(
  { em, tenant }: TenantScope,
  conditions: readonly UserCondition[],
): Promise<number> {
  const { sql, values } = whereOf(tenant.id, conditions);
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from users u where ${sql}`,
    values,
  );
  return row?.count ?? 0;
}

/** A user's row, locked, with all that a directory knows of it; `null` where there is none, or it was removed. */
export async function lockRecord(
  { em, tenant }: TenantScope,
  id: string,
): Promise<{ user: User; current: UserRecord } | null> {
  const { sql, values } = whereOf(tenant.id, [{ attribute: 'id', value: id }]);
  // Locked first and read then: a statement that waited for a lock sees the e-mails of before it waited.
  await em.execute(`select 1 from users u where ${sql} for update`, values);
  const [row] = await em.execute<RecordRow[]>(`${selectRecords} where ${sql}`, values);
  if (!row) return null;
  const { emails: _, groups: __, ...columns } = row;
  return { user: em.map(User, columns), current: recordOf(row) };
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

function whereOf(tenantId: string, conditions: readonly UserCondition[]): { sql: string; values: unknown[] } {
  const parts = [
    { sql: 'u.tenant_id = ?', values: [tenantId] },
    { sql: 'u.removed_at is null', values: [] },
    ...conditions.map((condition) => partOf(tenantId, condition)),
  ];
  return {
    sql: parts.map((part) => part.sql).join(' and '),
    values: parts.flatMap((part) => [...part.values]),
  };
}

/** Each condition as plain equality on a stored column, which a row policy lets into an index. */
function partOf(tenantId: string, condition: UserCondition): Fragment {
  switch (condition.attribute) {
    case 'id':
      return isUuid(condition.value)
        ? { sql: 'u.id = ?', values: [condition.value] }
        : { sql: 'false', values: [] };
    case 'userName':
      return { sql: 'u.user_name_key = ?', values: [normalizeUserName(condition.value)] };
    case 'externalId':
      return { sql: 'u.external_id = ?', values: [condition.value] };
    case 'displayName':
      return { sql: 'u.display_name_key = ?', values: [foldCase(condition.value)] };
    case 'active':
      return { sql: 'u.active = ?', values: [condition.value] };
    case 'manager':
      return { sql: 'u.manager_id = ?', values: [condition.value] };
    default:
      return emailPart(tenantId, condition);
  }
}

function emailPart(
  tenantId: string,
  { type, value }: Extract<UserCondition, { attribute: 'emails' }>,
): Fragment {
  const ofType = type === null ? '' : ' and lower(normalize(e.type, NFKC)) = ?';
  return {
    sql: `u.id in (select e.user_id from user_emails e where e.tenant_id = ? and e.value_key = ?${ofType})`,
    values: [tenantId, foldCase(value), ...(type === null ? [] : [foldCase(type)])],
  };
}

// An id is case-exact (RFC 7643 §3.1): PostgreSQL would take capitals for the same.
function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
