import type { ColumnMap, List } from '../filter-sql.ts';
import { commonColumns, type Place, schemasList, textColumn } from './columns.ts';
import type { ResourceTable } from './page-sql.ts';
import { type Fragment, param, sql, textParam } from './sql.ts';

const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** The groups `g` of a tenant. */
export function groupTable(place: Place): ResourceTable {
  return { row: sql`g`, shown: sql`g.tenant_id = ${param(place.tenantId)}`, map: groupColumns(place) };
}

/** Where the attributes of the group `g` are held (RFC 7643 §4.2). */
export function groupColumns(place: Place): ColumnMap {
  return {
    columns: {
      ...commonColumns(sql`g`, { kind: 'Group', location: place.groups }),
      displayName: { type: 'text', value: sql`g.display_name`, key: sql`g.display_name_key`, required: true },
    },
    lists: {
      schemas: schemasList([sql`select ${textParam(groupUrn)}`]),
      members: membersList(place),
    },
  };
}

/** Users who were removed are not shown, and so not found. */
function membersList({ tenantId, users, groups }: Place): List {
  const location = sql`case e.kind when 'User' then ${textParam(users)} else ${textParam(groups)} end`;
  return {
    elements: sql`${membersWhere(sql`m.tenant_id = g.tenant_id and m.group_id = g.id`)} e where true`,
    order: sql`e.id`,
    parts: {
      value: { type: 'uuid', value: sql`e.id` },
      $ref: textColumn(sql`${location} || e.id::text`),
      type: textColumn(sql`e.kind`),
      display: textColumn(sql`e.display`),
    },
    search: {
      elements: sql`${membersWhere(sql`m.tenant_id = ${param(tenantId)}`)} e where true`,
      owner: sql`e.group_id`,
      self: sql`g.id`,
    },
  };
}

function membersWhere(condition: Fragment): Fragment {
  return sql`(
    select m.group_id, m.user_id as id, 'User' as kind, u.display_name as display
    from group_users m join users u on u.tenant_id = m.tenant_id and u.id = m.user_id and u.removed_at is null
    where ${condition}
    union all
    select m.group_id, m.child_id, 'Group', k.display_name
    from group_children m join groups k on k.tenant_id = m.tenant_id and k.id = m.child_id
    where ${condition})`;
}
