import { describeRecord, readGroups } from '../groups/group-records.ts';
import type { TenantScope } from '../scope.ts';
import { readRecords } from '../user-records.ts';
import type { GroupRecord } from '../../domain/groups.ts';
import type { UserRecord } from '../../domain/user-attributes.ts';
import { groupTable } from './group-columns.ts';
import {
  belongs,
  comesBehind,
  type Found,
  foundIn,
  type Order,
  orderOf,
  type Position,
  type Question,
  type ResourceTable,
  type Slice,
} from './page-sql.ts';
import { type Fragment, join, param, sql } from './sql.ts';
import { userTable } from './user-columns.ts';

/** A resource of either kind. */
export type Either =
  | { readonly kind: 'User'; readonly record: UserRecord }
  | { readonly kind: 'Group'; readonly record: GroupRecord };

/** A slice of the users and groups that are asked for, in one order; an attribute of one kind is absent in the other. */
export async function findEverything(
  scope: TenantScope,
  question: Question,
  slice: Slice,
): Promise<Found<Either>> {
  const { descending } = orderOf(userTable(placeOf(scope, question)), question);
  const direction = descending ? sql`desc` : sql`asc`;
  const all = join(
    tablesOf(scope, question).map((kind) => sliceOfKind(kind, question, slice)),
    'union all',
  );
  const asked = sql`
    select * from (${all}) found order by sort_by ${direction}, id ${direction}
    limit ${param(slice.limit + 1)} offset ${param(slice.offset)}`;
  const rows = await scope.em.execute<Row[]>(asked.sql, asked.values);
  const found = foundIn(rows, slice, ({ kind, id }) => ({ kind, id }));
  return { ...found, resources: await readAll(scope, found.resources) };
}

/** How many users and groups are asked for, behind a position if there is one. */
export async function countEverything(
  scope: TenantScope,
  question: Question,
  after: Position | null,
): Promise<number> {
  const counts = tablesOf(scope, question).map(
    ({ from, table, order }) =>
      sql`(select count(*) from ${from} where ${belongs(table, question)}
        and ${comesBehind({ table, order }, after)})`,
  );
  const asked = sql`select (${join(counts, '+')})::int as count`;
  const [counted] = await scope.em.execute<{ count: number }[]>(asked.sql, asked.values);
  return counted?.count ?? 0;
}

type Row = { kind: Either['kind']; id: string; sort_key: string | null };
type Kind = { kind: Fragment; from: Fragment; table: ResourceTable; order: Order };

function placeOf({ tenant }: TenantScope, { locations }: Question) {
  return { tenantId: tenant.id, ...locations };
}

/** Both kinds, sorted by keys of one type and one collation. */
function tablesOf(scope: TenantScope, question: Question): Kind[] {
  const place = placeOf(scope, question);
  const kinds = [
    { kind: sql`'User'`, from: sql`users u`, table: userTable(place) },
    { kind: sql`'Group'`, from: sql`groups g`, table: groupTable(place) },
  ].map((one) => ({ ...one, order: orderOf(one.table, question) }));
  const type = kinds.find(({ order }) => !order.absent)?.order.type ?? 'text';
  const collation = type === 'text' ? sql` collate "C"` : sql``;
  return kinds.map((one) => {
    const key = sql`(${one.order.key})::${{ sql: type, values: [] }}${collation}`;
    return { ...one, order: { ...one.order, key, type } };
  });
}

/** As much of one kind as a slice of both can hold. */
function sliceOfKind({ kind, from, table, order }: Kind, question: Question, slice: Slice): Fragment {
  const direction = order.descending ? sql`desc` : sql`asc`;
  return sql`(
    select ${kind} as kind, ${table.row}.id, ${order.key} as sort_by, (${order.key})::text as sort_key
    from ${from} where ${belongs(table, question)} and ${comesBehind({ table, order }, slice.after)}
    order by sort_by ${direction}, id ${direction} limit ${param(slice.offset + slice.limit + 1)})`;
}

async function readAll(
  scope: TenantScope,
  found: readonly { kind: Either['kind']; id: string }[],
): Promise<Either[]> {
  const idsOf = (wanted: Either['kind']) => found.filter(({ kind }) => kind === wanted).map(({ id }) => id);
  const users = await readRecords(scope, idsOf('User'));
  const groups = await readGroups(scope, idsOf('Group'));
  const known = new Map<string, Either>([
    ...users.map((record): [string, Either] => [record.id, { kind: 'User', record }]),
    ...groups.map(describeRecord).map((record): [string, Either] => [record.id, { kind: 'Group', record }]),
  ]);
  return found.map(({ id }) => known.get(id)).filter((one) => one !== undefined);
}
