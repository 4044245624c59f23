import type { Filter, Sort } from '../../domain/filter.ts';
import type { Locations } from './columns.ts';
import { type Column, type ColumnMap, filterToSql, foldText } from '../filter-sql.ts';
import { type Fragment, param, sql } from './sql.ts';

/**
 * Which resources are asked for, and in which order; `null` is all, and the order in which they were created.
 * `locations` stand before an id in the location of a user or a group.
 */
export type Question = {
  readonly filter: Filter | null;
  readonly sort: Sort | null;
  readonly locations: Locations;
};

/** A place in a list: behind the resource with this id, which is sorted by this key. */
export type Position = { readonly key: string | null; readonly id: string };

/** A slice of a list, whether there is more behind it, and where it ends: `last` is null where it is empty. */
export type Found<Resource> = {
  readonly resources: Resource[];
  readonly more: boolean;
  readonly last: Position | null;
};

/** A part of a list: so many, behind a position if there is one, after so many others. */
export type Slice = { readonly after: Position | null; readonly offset: number; readonly limit: number };

/** Where a kind of resource is held: what its rows are called, which of them are shown, and their attributes. */
export type ResourceTable = { readonly row: Fragment; readonly shown: Fragment; readonly map: ColumnMap };

/** What a resource is sorted by; the key is null where the attribute is absent, which may be everywhere or nowhere. */
export type Order = {
  readonly absent?: true;
  readonly key: Fragment;
  readonly type: Column['type'];
  readonly required: boolean;
  readonly descending: boolean;
};

/** The condition that a resource belongs to what is asked for. */
export function belongs({ shown, map }: ResourceTable, { filter }: Question): Fragment {
  return filter === null ? shown : sql`${shown} and ${filterToSql(filter, map)}`;
}

/**
 * By what a question sorts: a multi-valued attribute by its primary value, or its first (RFC 7644 §3.4.2.3). Text sorts
 * by code points, but by the database's collation where its key is stored, so that an index has the order already.
 */
export function orderOf({ row, map }: ResourceTable, { sort }: Question): Order {
  if (sort === null)
    return { key: sql`${row}.created_at`, type: 'timestamptz', required: true, descending: false };
  const { attribute, subAttribute } = sort.path;
  const { descending } = sort;
  const list = map.lists[attribute];
  const column = list
    ? list.parts[subAttribute ?? 'value']
    : map.columns[subAttribute === null ? attribute : `${attribute}.${subAttribute}`];
  if (!column) return { key: sql`null::text`, type: 'text', required: false, absent: true, descending };
  const value = sortable(column, sort.caseExact);
  const key = list ? sql`(select ${value} from ${list.elements} order by ${list.order} limit 1)` : value;
  return { key, type: column.type, required: !list && column.required === true, descending };
}

function sortable({ type, value, key }: Column, caseExact: boolean): Fragment {
  if (type !== 'text') return value;
  if (caseExact) return sql`(${value}) collate "C"`;
  return key ?? sql`${foldText(value)} collate "C"`;
}

/** The condition that a resource comes behind a position in this order, if there is one. */
export function comesBehind(
  { table: { row }, order }: { table: ResourceTable; order: Order },
  after: Position | null,
): Fragment {
  return after === null ? sql`true` : comesAfter(sql`${row}.id`, order, after);
}

/** What follows "where" to cut out a slice, and one row more: absent keys come last, or first when descending. */
export function sliceOf(table: ResourceTable, question: Question, slice: Slice): Fragment {
  const order = orderOf(table, question);
  const { key, descending } = order;
  const direction = descending ? sql`desc` : sql`asc`;
  return sql`
    ${belongs(table, question)} and ${comesBehind({ table, order }, slice.after)}
    order by ${key} ${direction}, ${table.row}.id ${direction}
    limit ${param(slice.limit + 1)} offset ${param(slice.offset)}`;
}

/** What was found, of rows that are one more than the slice holds where there is more. */
export function foundIn<Row extends { id: string; sort_key: string | null }, Resource>(
  rows: readonly Row[],
  { limit }: Slice,
  describe: (row: Row) => Resource,
): Found<Resource> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    resources: shown.map(describe),
    more: rows.length > limit,
    last: last ? { key: last.sort_key, id: last.id } : null,
  };
}

function comesAfter(id: Fragment, { key, type, required, descending }: Order, after: Position): Fragment {
  const than = descending ? sql`<` : sql`>`;
  const lastId = sql`${param(after.id)}::uuid`;
  if (after.key === null) {
    const others = sql`${key} is null and ${id} ${than} ${lastId}`;
    return descending ? sql`(${others} or ${key} is not null)` : sql`(${others})`;
  }
  const last = sql`${param(after.key)}::${{ sql: type, values: [] }}`;
  const behind = sql`(${key}, ${id}) ${than} (${last}, ${lastId})`;
  return required || descending ? behind : sql`(${behind} or ${key} is null)`;
}
