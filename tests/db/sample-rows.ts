import { randomUUID } from 'node:crypto';
import { type EntityMetadata, type EntityProperty, type EntitySchema, ReferenceKind } from '@mikro-orm/core';
import { catalogue, type TableClass } from '../../src/db/catalogue.ts';
import { openOrm } from '../../src/db/orm.ts';
import type { TenantScope } from '../../src/db/scope.ts';

/** A stored row, by column. */
export type Row = Record<string, unknown>;
/** One row of each table, by table. */
export type Rows = ReadonlyMap<string, Row>;

const tenantClasses: readonly TableClass[] = ['tenant_owned', 'routing', 'append_only', 'tenant_or_none'];

// Relations are resolved when the ORM reads the entities; it connects to nothing for that.
const metadata = openOrm('postgresql://localhost/none').getMetadata();

/** Every table whose rows belong to a tenant, parents before what points to them. */
export const tenantTables = inOrder(
  catalogue
    .filter((entry) => tenantClasses.includes(entry.class))
    .map((entry) => ({ ...entry, meta: metadata.get(entry.entity) })),
);

export type TenantTable = { entity: EntitySchema; class: TableClass; meta: EntityMetadata };

/** Makes one row in every tenant-owned table, from nothing but the entities: a new table is among them by itself. */
export async function makeRows(scope: TenantScope): Promise<Rows> {
  const rows = new Map<string, Row>();
  for (const table of tenantTables)
    rows.set(nameOf(table), await insertRow(scope, sampleRow(table, scope.ownerId, rows)));
  return rows;
}

/** A row that its table accepts. Relations lead to `parents`. */
export function sampleRow(
  table: TenantTable,
  tenantId: string,
  parents: Rows,
): { table: TenantTable; row: Row } {
  const row: Row = {};
  for (const property of Object.values(table.meta.properties)) {
    if (property.kind === ReferenceKind.SCALAR) {
      if (isNeeded(property))
        row[columnOf(property)] = property.name === 'tenantId' ? tenantId : sampleValue(property);
    } else {
      for (const [index, column] of property.joinColumns.entries()) {
        const target = parents.get(property.targetMeta?.tableName ?? '')?.[
          property.referencedColumnNames[index] ?? ''
        ];
        if (column === 'tenant_id' || !property.nullable)
          row[column] = column === 'tenant_id' ? tenantId : target;
      }
    }
  }
  return { table, row };
}

/** Inserts a row as this scope may, and gives it back as it is stored. */
export async function insertRow(
  { em }: TenantScope,
  { table, row }: { table: TenantTable; row: Row },
): Promise<Row> {
  const columns = Object.keys(row).map((column) => `"${column}"`);
  const [stored] = await em.execute<Row[]>(
    `insert into "${nameOf(table)}" (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) returning *`,
    Object.values(row),
  );
  if (!stored) throw new Error(`no row of ${nameOf(table)} was stored`);
  return stored;
}

/** The table's name. */
export function nameOf({ meta }: TenantTable): string {
  return meta.tableName;
}

/** The columns of the table's relations to other rows of the same tenant. */
export function parentColumns({ meta }: TenantTable): string[][] {
  return Object.values(meta.properties)
    .map((property) => property.joinColumns ?? [])
    .filter((columns) => columns.length > 1);
}

function isNeeded(property: EntityProperty): boolean {
  const hasDefault = property.default !== undefined || property.defaultRaw !== undefined;
  return property.primary === true || (property.nullable !== true && !hasDefault && !property.autoincrement);
}

function sampleValue({ items, columnTypes, name }: EntityProperty): unknown {
  if (items?.[0] !== undefined && !columnTypes[0]?.endsWith('[]')) return items[0];
  const type = columnTypes[0] ?? '';
  if (type === 'uuid') return randomUUID();
  if (type.startsWith('timestamptz')) return new Date();
  if (type === 'jsonb') return '{}';
  if (type.endsWith('[]')) return '{}';
  if (type === 'boolean') return false;
  if (/^(?:int|bigint|smallint)/.test(type)) return 1;
  if (/^(?:text|varchar)/.test(type)) return `${name} ${randomUUID()}`;
  throw new Error(`no sample of ${type} for ${name}: teach it here`);
}

function columnOf(property: EntityProperty): string {
  return property.fieldNames[0] ?? property.name;
}

function inOrder(tables: readonly TenantTable[]): TenantTable[] {
  const ordered: TenantTable[] = [];
  const place = (table: TenantTable) => {
    if (ordered.includes(table)) return;
    for (const property of Object.values(table.meta.properties)) {
      const parent = tables.find(({ meta }) => meta.tableName === property.targetMeta?.tableName);
      if (parent && parent !== table) place(parent);
    }
    ordered.push(table);
  };
  for (const table of tables) place(table);
  return ordered;
}
