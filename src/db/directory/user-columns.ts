import type { Column, ColumnMap, List } from '../filter-sql.ts';
import { commonColumns, jsonColumn, jsonList, type Place, schemasList, textColumn } from './columns.ts';
import type { ResourceTable } from './page-sql.ts';
import { param, sql, textParam } from './sql.ts';

const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

const simple = [
  'nickName',
  'profileUrl',
  'title',
  'userType',
  'preferredLanguage',
  'locale',
  'timezone',
] as const;
const names = [
  'formatted',
  'familyName',
  'givenName',
  'middleName',
  'honorificPrefix',
  'honorificSuffix',
] as const;
const enterprise = ['employeeNumber', 'costCenter', 'organization', 'division', 'department'] as const;
const valued = ['phoneNumbers', 'ims', 'photos', 'entitlements', 'roles', 'x509Certificates'] as const;
const addressParts = [
  'formatted',
  'streetAddress',
  'locality',
  'region',
  'postalCode',
  'country',
  'type',
] as const;

const profile = sql`u.profile`;

/** The users `u` of a tenant who were not removed. */
export function userTable(place: Place): ResourceTable {
  const shown = sql`u.tenant_id = ${param(place.tenantId)} and u.removed_at is null`;
  return { row: sql`u`, shown, map: userColumns(place) };
}

/** Where the attributes of the user `u` are held (RFC 7643 §4.1 and §4.3). */
export function userColumns(place: Place): ColumnMap {
  const columns: Record<string, Column> = {
    ...commonColumns(sql`u`, { kind: 'User', location: place.users }),
    userName: { type: 'text', value: sql`u.user_name`, key: sql`u.user_name_key`, required: true },
    displayName: { type: 'text', value: sql`u.display_name`, key: sql`u.display_name_key` },
    active: { type: 'boolean', value: sql`u.active`, required: true },
    'enterprise.manager.value': textColumn(sql`u.manager_id`),
    'enterprise.manager.$ref': textColumn(sql`${textParam(place.users)} || u.manager_id`),
    'enterprise.manager.displayName': jsonColumn(profile, 'enterprise', 'manager', 'displayName'),
  };
  for (const name of simple) columns[name] = jsonColumn(profile, name);
  for (const name of names) columns[`name.${name}`] = jsonColumn(profile, 'name', name);
  for (const name of enterprise) columns[`enterprise.${name}`] = jsonColumn(profile, 'enterprise', name);
  const lists: Record<string, List> = {
    schemas: schemasList([
      sql`select ${textParam(userUrn)}`,
      // What is absent stands in the document as null.
      sql`select ${textParam(enterpriseUrn)} where jsonb_strip_nulls(u.profile -> 'enterprise') <> '{}'::jsonb`,
    ]),
    emails: emailsList(place.tenantId),
    addresses: jsonList('addresses', addressParts),
    groups: groupsList(place),
  };
  for (const name of valued) lists[name] = jsonList(name, ['value', 'display', 'type']);
  return { columns, lists };
}

function emailsList(tenantId: string): List {
  return {
    elements: sql`user_emails e where e.tenant_id = u.tenant_id and e.user_id = u.id`,
    order: sql`e.is_primary is true desc, e.position`,
    parts: {
      value: { type: 'text', value: sql`e.value`, key: sql`e.value_key` },
      type: textColumn(sql`e.type`),
      display: textColumn(sql`e.display`),
      primary: { type: 'boolean', value: sql`e.is_primary` },
    },
    search: {
      elements: sql`user_emails e where e.tenant_id = ${param(tenantId)}`,
      owner: sql`e.user_id`,
      self: sql`u.id`,
    },
  };
}

/** The groups that the user is in, by itself or by a group within them, in whatever circle. */
function groupsList({ tenantId, groups }: Place): List {
  const mine = sql`(
    with recursive mine (id) as (
      select m.group_id from group_users m where m.tenant_id = u.tenant_id and m.user_id = u.id
      union
      select c.group_id from mine join group_children c on c.tenant_id = u.tenant_id and c.child_id = mine.id)
    select g.id, g.display_name, g.display_name_key, exists (
      select 1 from group_users m where m.tenant_id = u.tenant_id and m.group_id = g.id and m.user_id = u.id) as direct
    from mine join groups g on g.tenant_id = u.tenant_id and g.id = mine.id)`;
  const tenant = param(tenantId);
  const everybodys = sql`(
    with recursive within (id, inner_id) as (
      select g.id, g.id from groups g where g.tenant_id = ${tenant}
      union
      select w.id, c.child_id from within w
      join group_children c on c.tenant_id = ${tenant} and c.group_id = w.inner_id)
    select g.id, g.display_name, g.display_name_key, m.user_id, exists (
      select 1 from group_users d where d.tenant_id = ${tenant} and d.group_id = g.id and d.user_id = m.user_id) as direct
    from within w join groups g on g.tenant_id = ${tenant} and g.id = w.id
    join group_users m on m.tenant_id = ${tenant} and m.group_id = w.inner_id)`;
  return {
    elements: sql`${mine} e where true`,
    order: sql`e.id`,
    parts: {
      value: { type: 'uuid', value: sql`e.id` },
      $ref: textColumn(sql`${textParam(groups)} || e.id::text`),
      display: { type: 'text', value: sql`e.display_name`, key: sql`e.display_name_key` },
      type: textColumn(sql`case when e.direct then 'direct' else 'indirect' end`),
    },
    search: { elements: sql`${everybodys} e where true`, owner: sql`e.user_id`, self: sql`u.id` },
  };
}
