import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import { catalogue, type TableClass } from './catalogue.ts';
import type { PurgeScope } from './scope.ts';

/** Which rows are a tenant's. The tenant itself goes last, after all of them. */
const classesOfTenants: readonly TableClass[] = [
  'tenant_owned',
  'routing',
  'append_only',
  'tenant_or_none',
  'tenant',
];

/** A table that a purge empties: the column that says whose a row is, and those of its primary key. */
export type PurgeTable = { name: string; owner: string; key: readonly string[] };

/**
 * Every table with rows of tenants, in the order in which a purge empties them: what points to a row goes before it,
 * and what a trigger deletes along with a row goes before that too, so that everything is deleted by name and counted.
 */
export function purgeOrder(metadata: MetadataStorage): PurgeTable[] {
  const tables = catalogue
    .filter((entry) => classesOfTenants.includes(entry.class))
    .map(({ entity }) => metadata.get(entity))
    .toSorted((a, b) => Number(isTenants(a)) - Number(isTenants(b)));
  const ordered = new Map<string, PurgeTable>();
  const place = (table: EntityMetadata, above: readonly string[]): void => {
    const { tableName } = table;
    if (above.includes(tableName)) throw new Error(`${[...above, tableName].join(' → ')} is a circle`);
    for (const other of tables)
      if (!ordered.has(other.tableName) && goesBefore(other, table)) place(other, [...above, tableName]);
    ordered.set(tableName, describe(table));
  };
  for (const table of tables) if (!ordered.has(table.tableName)) place(table, []);
  return [...ordered.values()];
}

function describe({ tableName, primaryKeys, properties }: EntityMetadata): PurgeTable {
  const columns = primaryKeys.flatMap(
    (name) => Object.values(properties).find((each) => each.name === name)?.fieldNames ?? [],
  );
  return { name: tableName, owner: tableName === 'tenants' ? 'id' : 'tenant_id', key: [...new Set(columns)] };
}

function isTenants({ tableName }: EntityMetadata): boolean {
  return tableName === 'tenants';
}

function goesBefore(other: EntityMetadata, table: EntityMetadata): boolean {
  const pointsToIt = other.relations.some(({ targetMeta }) => targetMeta?.tableName === table.tableName);
  const isTakenAlong = table.triggers.some(({ body }) => {
    if (body !== undefined && typeof body !== 'string')
      throw new Error(`${table.tableName}: a trigger is no text`);
    return body?.includes(`delete from ${other.tableName} `) === true;
  });
  return pointsToIt || isTakenAlong;
}

/**
 * Takes the tombstone for this transaction, so that one worker at a time deletes and counts. False when another has
 * it, it is certified, or operators have paused what purges.
 */
export async function takeTombstone({ em, tenantId }: Pick<PurgeScope, 'em' | 'tenantId'>): Promise<boolean> {
  const taken = await em.execute<unknown[]>(
    `select id from tombstones where id = ? and state <> 'certified'
       and not exists (select from paused_deadlines where kind = 'purge') for update skip locked`,
    [tenantId],
  );
  return taken.length > 0;
}

/** Deletes some of the tenant's rows of a table, all of them without a limit; tells how many. */
export async function deleteRows(
  { em, tenantId }: PurgeScope,
  { name, owner, key }: PurgeTable,
  limit: number | null,
): Promise<number> {
  // In the order of the primary key, which begins with the tenant: so the next ones are found by its index, however
  // many rows others have, and however many are gone already.
  const next = `select ctid from "${name}" where "${owner}" = ? order by ${key.map((column) => `"${column}"`).join(', ')} limit ?`;
  const [deleted] = await em.execute<{ rows: number }[]>(
    `with gone as (delete from "${name}" where "${owner}" = ? and ctid = any(array(${next})) returning 1)
     select count(*)::int as rows from gone`,
    [tenantId, tenantId, limit],
  );
  return deleted?.rows ?? 0;
}

/** Adds to what the tombstone says was deleted. */
export async function countDeleted(
  { em, tenantId }: Pick<PurgeScope, 'em' | 'tenantId'>,
  table: string,
  rows: number,
): Promise<void> {
  if (rows === 0) return;
  await em.execute(
    `update tombstones set rows = jsonb_set(rows, array[?], to_jsonb(coalesce((rows ->> ?)::bigint, 0) + ?)) where id = ?`,
    [table, table, rows, tenantId],
  );
}

/** How many rows of the tenant there are in every table that has any. */
export async function countRows({ em, tenantId }: PurgeScope): Promise<Record<string, number>> {
  // By the index: what was deleted stands in the statistics still, and would have whole tables read.
  await em.execute(`select set_config('enable_seqscan', 'off', true)`);
  const counts = purgeOrder(em.getMetadata()).map(
    ({ name, owner }) =>
      `select '${name}' as name, count(*)::int as rows from "${name}" where "${owner}" = ?`,
  );
  const found = await em.execute<{ name: string; rows: number }[]>(
    counts.join(' union all '),
    counts.map(() => tenantId),
  );
  return Object.fromEntries(found.filter(({ rows }) => rows > 0).map(({ name, rows }) => [name, rows]));
}

/** Locks the tenant's row: who still writes for it is waited for, and who comes later finds no tenant. */
export async function lockTenantAway({ em, tenantId }: PurgeScope): Promise<void> {
  await em.execute(`select id from tenants where id = ? for update`, [tenantId]);
}
