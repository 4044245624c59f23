import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { entities } from './catalogue.ts';
import { joinStatements } from './round-trips/joined-statements.ts';
import { migrations } from './migrations/list.ts';

/** How many connections one process keeps to the database. */
export const poolSize = 20;

/** The ORM's options for one database. */
export function ormOptions(clientUrl: string) {
  return defineConfig({
    clientUrl,
    entities,
    extensions: [Migrator],
    forceUtcTimezone: true,
    ignoreUndefinedInQuery: false,
    discovery: { warnWhenNoEntities: true },
    pool: { min: 0, max: poolSize },
    driverOptions: { onPoolCreated: joinStatements },
    schemaGenerator: {
      skipTables: ['rate_limits', 'api_budgets'],
      ignoreRoutines: true,
      ignoreSchema: ['pgboss'],
    },
    migrations: {
      migrationsList: migrations,
      path: `${import.meta.dirname}/migrations`,
      snapshot: false,
      silent: true,
      transactional: true,
      allOrNothing: true,
      emit: 'ts',
    },
  });
}

/** Opens the ORM on one database. Nothing connects before the first query. */
export function openOrm(clientUrl: string): MikroORM {
  return new MikroORM(ormOptions(clientUrl));
}
