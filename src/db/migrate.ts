import { Client } from 'pg';
import { grantStatements } from './grants.ts';
import { installJobs } from './jobs.ts';
import { migrations } from './migrations/list.ts';
import { openOrm } from './orm.ts';
import { DatabaseNotUsable, ensureRoles, quoteIdentifier } from './roles.ts';

/** The advisory lock under which one process at a time migrates a database. */
const migrationLock = 7_236_418_325;

/**
 * Brings the database to this version of the code: run-time roles, migrations, grants, job queues. Two processes
 * may call it at once; one waits for the other. Throws `DatabaseNotUsable` where the database cannot be reached,
 * is newer than the code, older than PostgreSQL 15, or lacks roles that this connection may not create.
 */
export async function migrate(ownerUrl: string, loginUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await connect(client);
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const login = await loginOf(client, ownerUrl, loginUrl);
    await requireSupportedVersion(client);
    await requireKnownMigrations(client);
    await ensureRoles(client, login);
    await runMigrations(ownerUrl);
    for (const statement of grantStatements()) await client.query(statement);
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

async function requireKnownMigrations(client: Client): Promise<void> {
  const exists = await client.query<{ found: string | null }>(
    `select to_regclass('mikro_orm_migrations') as found`,
  );
  if (!exists.rows[0]?.found) return;
  const { rows } = await client.query<{ name: string }>('select name from mikro_orm_migrations');
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = rows.find((row) => !known.has(row.name));
  if (unknown) {
    throw new DatabaseNotUsable(`the database is newer than this code: it has the migration ${unknown.name}`);
  }
}

async function runMigrations(ownerUrl: string): Promise<void> {
  const orm = openOrm(ownerUrl);
  try {
    await orm.migrator.up();
  } finally {
    await orm.close();
  }
}

function messageOf(error: unknown): string {
  // A refused connection to a name with several addresses is an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
