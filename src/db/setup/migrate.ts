import { Client } from 'pg';
import { grantStatements } from './grants.ts';
import { installJobs } from '../jobs.ts';
import { migrations } from '../migrations/list.ts';
import { openOrm } from '../orm.ts';
import { DatabaseNotUsable, ensureRoles, quoteIdentifier } from './roles.ts';

/** The advisory lock under which one process at a time migrates a database. */
const migrationLock = 7_236_418_325;

/**
 * Brings the database to this version of the code: run-time roles, migrations, grants, job queues. Two processes
 * may call it at once; one waits for the other. A connection that may not migrate finds a current database well as
 * it is. Throws `DatabaseNotUsable` where the database cannot be reached, is newer than the code, older than
 * PostgreSQL 15, or lacks what this connection may not make.
 */
export async function migrate(ownerUrl: string, loginUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await connect(client);
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const login = await loginOf(client, ownerUrl, loginUrl);
    await requireSupportedVersion(client);
    await ensureRoles(client, login);
    if (!(await mayMigrate(client))) return await requireCurrent(client);
    await listApplied(client);
    await runMigrations(ownerUrl);
    await grantAll(client, login);
    await installJobs(client, ownerUrl, quoteIdentifier(login));
  } finally {
    await client.end();
  }
}

async function connect(client: Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseNotUsable(`cannot connect to the database: ${messageOf(error)}`);
  }
}

async function loginOf(client: Client, ownerUrl: string, loginUrl: string): Promise<string> {
  if (ownerUrl === loginUrl || !URL.canParse(loginUrl)) {
    const { rows } = await client.query<{ name: string }>('select current_user as name');
    return rows[0]?.name ?? '';
  }
  return decodeURIComponent(new URL(loginUrl).username);
}

async function requireSupportedVersion(client: Client): Promise<void> {
  const { rows } = await client.query<{ number: number; text: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as text`,
  );
  const version = rows[0];
  if (!version || version.number < 150_000) {
    throw new DatabaseNotUsable(`PostgreSQL 15 or newer is needed, this is ${version?.text}`);
  }
}

/** Whether this connection's role owns the tables, or where there are none yet may make them. */
async function mayMigrate(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select coalesce(
       (select pg_has_role(current_user, relowner, 'usage') from pg_class where oid = to_regclass('mikro_orm_migrations')),
       has_database_privilege(current_database(), 'create')) as may`,
  );
  return rows[0]?.may ?? false;
}

async function requireCurrent(client: Client): Promise<void> {
  const applied = await listApplied(client);
  const missing = migrations.find(({ name }) => !applied.has(name));
  if (missing) {
    throw new DatabaseNotUsable(
      `the database lacks the migration ${missing.name}, which this role may not run: give MIGRATION_DATABASE_URL`,
    );
  }
}

/** The migrations that this database has had. Throws when one of them is unknown here. */
async function listApplied(client: Client): Promise<Set<string>> {
  const readable = await client.query<{ may: boolean | null }>(
    `select has_table_privilege(to_regclass('mikro_orm_migrations'), 'select') as may`,
  );
  if (!readable.rows[0]?.may) return new Set();
  const { rows } = await client.query<{ name: string }>('select name from mikro_orm_migrations');
  const known = new Set<string>(migrations.map((migration) => migration.name));
  const unknown = rows.find((row) => !known.has(row.name));
  if (unknown) {
    throw new DatabaseNotUsable(`the database is newer than this code: it has the migration ${unknown.name}`);
  }
  return new Set(rows.map((row) => row.name));
}

async function runMigrations(ownerUrl: string): Promise<void> {
  const orm = openOrm(ownerUrl);
  try {
    await orm.migrator.up();
  } finally {
    await orm.close();
  }
}

/** At one stroke: between a revoke and a grant, processes that serve already would be refused. */
async function grantAll(client: Client, login: string): Promise<void> {
  await client.query('begin');
  for (const statement of grantStatements()) await client.query(statement);
  // A process with the plain role alone sees by it that there is nothing to migrate.
  await client.query(`grant select on mikro_orm_migrations to ${quoteIdentifier(login)}`);
  await client.query('commit');
}

function messageOf(error: unknown): string {
  // A refused connection to a name with several addresses is an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
