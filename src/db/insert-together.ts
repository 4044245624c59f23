import type { EntitySchema } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { joinsNext } from './round-trips/joined-statements.ts';

/** Rows of one entity: by property, or by column where a property is a relation. Objects are stored as JSON. */
export type Rows = { entity: EntitySchema; rows: readonly Readonly<Record<string, unknown>>[] };

/**
 * Inserts rows of several tables in one statement, which travels with the next one, or with the commit. Foreign keys
 * are checked when all are in, and a unique key that is broken undoes them all, and says so then.
 */
export async function insertTogether(em: EntityManager, parts: readonly Rows[]): Promise<void> {
  const values: unknown[] = [];
  const inserts = parts.flatMap(({ entity, rows }, index) => {
    const names = Object.keys(rows[0] ?? {});
    if (names.length === 0) return [];
    const { tableName, props } = em.getMetadata(entity);
    const columnOf = (name: string) =>
      props.find((property) => property.name === name)?.fieldNames[0] ?? name;
    const columns = names.map((name) => `"${columnOf(name)}"`);
    const tuples = rows.map((row) => {
      values.push(...names.map((name) => storable(row[name])));
      return `(${names.map(() => '?').join(', ')})`;
    });
    const into = `"${tableName}" (${columns.join(', ')})`;
    return [`part_${index} as (insert into ${into} values ${tuples.join(', ')})`];
  });
  await em.execute(`${joinsNext} with ${inserts.join(', ')} select 1`, values);
}

function storable(value: unknown): unknown {
  const isJson = value !== null && typeof value === 'object' && !(value instanceof Date);
  return isJson ? JSON.stringify(value) : value;
}
