import { Client } from 'pg';
import { afterAll } from 'vitest';
import { takeTurn } from '../../src/worker/purge.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import { createMailer } from '../../src/infra/mailer.ts';
import { tableClasses } from '../../src/db/catalogue.ts';
import type { Database } from '../../src/db/scope.ts';
import type { TenantryClient } from '../../src/cli/client.ts';
import { makeRows, type Rows } from '../db/sample-rows.ts';
import type { Query } from '../support/connection.ts';
import type { TestTenant, World } from '../support/world.ts';

const quiet = () => undefined;

/** One row more in every table of a tenant, such that its offboarding goes on. */
export function fillTables(world: World, tenant: TestTenant): Promise<Rows> {
  return world.inTenant(tenant.id, async (scope) => {
    // Of this there is one row a tenant, and a session may have made it.
    await scope.em.execute('delete from tenant_activity');
    const rows = await makeRows(scope);
    for (const statement of [
      `update offboardings set phase = 'cancelled', cancelled_at = now(), cancelled_by_kind = 'system'`,
      `update legal_holds set released_at = now(), released_by_kind = 'system'`,
      `update deadlines set fires_at = now() + interval '9 years' where kind like 'kind %'`,
      `update approvals set expires_at = now() + interval '9 years'`,
      `update webhook_deliveries set state = 'delivered'`,
    ])
      await scope.em.execute(statement);
    return rows;
  });
}

/** Takes a sandbox tenant to its end; its data is retained. */
export async function offboard(operator: TenantryClient, db: Database, { id: tenantId }: { id: string }) {
  await operator.offboarding.schedule.mutate({ tenantId, trigger: 'customer_request', note: 'the end' });
  await operator.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
  await sweepDeadlines(db, quiet);
}

/** Takes a sandbox tenant to the day on which its purge is claimed. */
export async function claimPurge(world: World, tenant: TestTenant): Promise<void> {
  await offboard(world.operator, world.db, tenant);
  await world.operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P30D' });
  await sweepDeadlines(world.db, quiet);
}

/** Purges a claimed tenant in this process, and tells in how many turns. */
export async function purge(world: World, { id: tenantId }: { id: string }, turns = 20): Promise<number> {
  for (let turn = 1; turn <= turns; turn += 1)
    if ((await takeOneTurn(world, tenantId)) === 'done') return turn;
  throw new Error(`tenant ${tenantId} was not purged in ${turns} turns`);
}

/** One turn, as a worker takes it. */
export function takeOneTurn(world: World, tenantId: string) {
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  return takeTurn({ db: world.db, mailer, backupRetentionDays: 35, tenantId, goesOn: () => true });
}

/** A connection as the owner, who in this database sees every row: policies bind it no more. */
export async function openEyes(ownerUrl: string): Promise<Query> {
  const client = new Client({ connectionString: ownerUrl });
  client.on('error', () => undefined);
  await client.connect();
  afterAll(() => client.end());
  const bound = await client.query<{ name: string }>(
    `select relname as name from pg_class where relforcerowsecurity and relnamespace = 'public'::regnamespace`,
  );
  for (const { name } of bound.rows) await client.query(`alter table "${name}" no force row level security`);
  return async (text, values = []) => (await client.query(text, values)).rows;
}

/** The names of all tables with a column `tenant_id`, as the database knows them, and of the tenants. */
export async function tablesOfTenants(eyes: Query): Promise<string[]> {
  const found = await eyes<{ name: string }>(
    `select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid
     where relkind in ('r', 'p') and attname = 'tenant_id' and relnamespace = 'public'::regnamespace`,
  );
  return [...found.map(({ name }) => name), 'tenants'].toSorted();
}

/** A tenant's rows by table, counted by hand. */
export async function countRows(eyes: Query, tenantId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await tablesOfTenants(eyes)) {
    const rows = await rowsOf(eyes, table, tenantId);
    if (rows.length > 0) counts[table] = rows.length;
  }
  return counts;
}

/** Everything that is stored of a tenant, row by row as text. */
export async function dump(eyes: Query, tenantId: string): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of await tablesOfTenants(eyes)) all[table] = await rowsOf(eyes, table, tenantId);
  return all;
}

async function rowsOf(eyes: Query, table: string, tenantId: string): Promise<string[]> {
  const column = table === 'tenants' ? 'id' : 'tenant_id';
  const rows = await eyes<{ row: string }>(
    `select t::text as row from "${table}" t where "${column}" = $1 order by 1`,
    [tenantId],
  );
  return rows.map(({ row }) => row);
}

/** Every row of the whole database, the job queue's included, that says one of these words anywhere. */
export async function searchDatabase(eyes: Query, words: readonly string[]) {
  const tables = await eyes<{ schema: string; name: string }>(
    `select nspname as schema, relname as name from pg_class join pg_namespace n on n.oid = relnamespace
     where relkind = 'r' and nspname in ('public', 'pgboss')`,
  );
  const found: { table: string; row: string }[] = [];
  for (const { schema, name } of tables) {
    const rows = await eyes<{ row: string }>(
      `select t::text as row from "${schema}"."${name}" t
       where exists (select from unnest($1::text[]) word where strpos(lower(t::text), lower(word)) > 0)`,
      [words],
    );
    found.push(...rows.map(({ row }) => ({ table: name, row })));
  }
  return { found, searched: tables.map(({ name }) => name) };
}

/** Whether every table that has a class is among those that were searched. */
export function misses(searched: readonly string[]): string[] {
  return [...tableClasses.keys()].filter((table) => !searched.includes(table));
}
