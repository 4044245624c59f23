import type { Column, List } from '../filter-sql.ts';
import { type Fragment, join, sql, textParam } from './sql.ts';

/** What stands before the id in the location of a user and of a group. */
export type Locations = { readonly users: string; readonly groups: string };

/** Where a directory is. */
export type Place = Locations & { readonly tenantId: string };

/** Text that is held as it is shown. */
export function textColumn(value: Fragment): Column {
  return { type: 'text', value };
}

/** Text within a JSON document. The names are ours, never a client's. */
export function jsonColumn(document: Fragment, ...path: readonly string[]): Column {
  const names = path.map((name) => `'${name}'`);
  const last = names.pop() ?? '';
  const inner = names.map((name) => ` -> ${name}`).join('');
  return textColumn({ sql: `(${document.sql}${inner} ->> ${last})`, values: document.values });
}

/** The elements of a list within the document of the user `u`, in their order. */
export function jsonList(name: string, parts: readonly string[]): List {
  const element = sql`e.value`;
  return {
    elements: {
      sql: `jsonb_array_elements(u.profile -> '${name}') with ordinality e where true`,
      values: [],
    },
    order: sql`(e.value ->> 'primary')::boolean is true desc, e.ordinality`,
    parts: {
      ...Object.fromEntries(parts.map((part) => [part, jsonColumn(element, part)])),
      primary: { type: 'boolean', value: sql`(e.value ->> 'primary')::boolean` },
    },
  };
}

/** The attributes of every resource (RFC 7643 §3.1) of a row; `location` is what stands before its id. */
export function commonColumns(
  row: Fragment,
  { kind, location }: { kind: 'User' | 'Group'; location: string },
): Record<string, Column> {
  const required = true;
  return {
    id: { type: 'uuid', value: sql`${row}.id`, required },
    externalId: textColumn(sql`${row}.external_id`),
    'meta.resourceType': { type: 'text', value: textParam(kind), required },
    'meta.created': { type: 'timestamptz', value: sql`${row}.created_at`, required },
    'meta.lastModified': { type: 'timestamptz', value: sql`${row}.updated_at`, required },
    'meta.location': { type: 'text', value: sql`${textParam(location)} || ${row}.id::text`, required },
    'meta.version': { type: 'text', value: sql`'W/"' || ${row}.version || '"'`, required },
  };
}

/** The URNs of a resource's schemas, each as a selection that yields it or nothing. */
export function schemasList(selections: readonly Fragment[]): List {
  const all = join(selections, 'union all');
  return {
    elements: sql`(${all}) e (value) where true`,
    order: sql`e.value`,
    parts: { value: textColumn(sql`e.value`) },
  };
}
