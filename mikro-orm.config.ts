import { ormOptions } from './src/db/orm.ts';
import { readConfig } from './src/infra/config.ts';

const { migrationDatabaseUrl } = readConfig(process.env);

/** For the MikroORM command line (`npx mikro-orm migration:check`); the service itself uses `src/db/orm.ts`. */
export default ormOptions(migrationDatabaseUrl ?? 'postgresql://127.0.0.1/tenantry');
