import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { migrate } from '../../src/db/setup/migrate.ts';
import { migrations } from '../../src/db/migrations/list.ts';
import { openOrm } from '../../src/db/orm.ts';
import { DatabaseNotUsable } from '../../src/db/setup/roles.ts';
import { connect, sqlError } from '../support/connection.ts';
import { cloneDatabase } from '../support/database.ts';
import { untilVacuumed } from '../support/until-vacuumed.ts';
import { aTenant, openWorld } from '../support/world.ts';

const run = promisify(execFile);
const world = await openWorld();

test('the entities say what the migrations made', async () => {
  const orm = openOrm(world.database.ownerUrl);

  const difference = await orm.schema.getUpdateSchemaSQL({ wrap: false });
  await orm.close();

  expect(difference).toBe('');
});

test('the ORM’s own check finds no change that lacks a migration', async () => {
  const { stdout } = await run(process.execPath, ['node_modules/@mikro-orm/cli/cli.js', 'migration:check'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: world.database.loginUrl,
      MIGRATION_DATABASE_URL: world.database.ownerUrl,
      MIKRO_ORM_CLI_PREFER_TS: '1',
      MIKRO_ORM_CLI_TS_LOADER: 'native',
    },
  });

  expect(stdout).toMatch(/No changes required, schema is up-to-date/);
});

test('a fresh database is migrated once when two processes begin at the same moment', async () => {
  const fresh = await freshDatabase();
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: fresh.loginUrl,
    MIGRATION_DATABASE_URL: fresh.ownerUrl,
    LOG_LEVEL: 'fatal',
  };

  const both = await Promise.all(
    [1, 2].map(() => run(process.execPath, ['src/main.ts', 'migrate'], { env })),
  );

  const query = await connect(fresh.ownerUrl);
  const applied = await query<{ name: string }>('select name from mikro_orm_migrations order by id');
  expect(both.map(({ stdout }) => stdout.trim())).toEqual(Array(2).fill('the database is up to date'));
  expect(applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
});

test('migrating again changes nothing', async () => {
  const { ownerUrl, loginUrl } = world.database;
  const query = await connect(ownerUrl);
  const before = await query('select * from mikro_orm_migrations');

  await migrate(ownerUrl, loginUrl);

  expect(await query('select * from mikro_orm_migrations')).toEqual(before);
});

test('a database that is newer than the code is refused, and left as it is', async () => {
  const database = await cloneDatabase();
  afterAll(() => database.drop());
  const query = await connect(database.ownerUrl);
  await query(`insert into mikro_orm_migrations (name) values ('20991231-from-the-future')`);

  const refused = migrate(database.ownerUrl, database.loginUrl);

  await expect(refused).rejects.toThrow(DatabaseNotUsable);
  await expect(refused).rejects.toThrow(
    /newer than this code: it has the migration 20991231-from-the-future/,
  );
  expect(await query('select name from mikro_orm_migrations')).toHaveLength(migrations.length + 1);
});

test('a database that cannot be reached is said in one line', async () => {
  const refused = migrate('postgresql://nobody@127.0.0.1:1/none', 'postgresql://nobody@127.0.0.1:1/none');

  await expect(refused).rejects.toThrow(DatabaseNotUsable);
  await expect(refused).rejects.toThrow(/^cannot connect to the database: [^\n]*$/);
});

const { ownerUrl, loginUrl } = inject('template');
const isOneRole = ownerUrl === loginUrl;
if (isOneRole)
  console.warn('skipped: DATABASE_URL is one role that owns and serves, so its powers are not judged');

test.skipIf(isOneRole)('the owner of the database may create no role, and need not', async () => {
  // Beside the template: nobody may be connected to it while others clone it.
  const query = await connect(Object.assign(new URL(ownerUrl), { pathname: '/postgres' }).href);
  const [owner] = await query(
    'select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user',
  );

  expect(owner).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false });
});

test('updated_at of a tenant moves with every change, by the database itself', async () => {
  const { id } = await aTenant(world, { plan: 'free' });
  const read = () =>
    world.inTenant(id, ({ em }) =>
      em.execute<{ created_at: string; updated_at: string }[]>(`select created_at, updated_at from tenants`),
    );
  const [before] = await read();

  await world.inTenant(id, ({ em }) =>
    em.execute(`update tenants set name = 'Renamed', updated_at = '2000-01-01' where id = ?`, [id]),
  );

  const [after] = await read();
  expect(after?.created_at).toBe(before?.created_at);
  expect(Date.parse(after?.updated_at ?? '')).toBeGreaterThan(Date.parse(before?.updated_at ?? ''));
});

const suspended = `status = 'suspended', suspension_mode = 'blocked', status_before = 'active', suspended_at = now()`;

test.each([
  ['a status that is none', `status = 'sleeping'`],
  ['a plan that is none', `plan = 'platinum'`],
  ['a suspension without its mode', `status = 'suspended', status_before = 'active', suspended_at = now()`],
  [
    'a suspension that leads back nowhere',
    `status = 'suspended', suspension_mode = 'blocked', suspended_at = now()`,
  ],
  [
    'a suspension without its time',
    `status = 'suspended', suspension_mode = 'blocked', status_before = 'active'`,
  ],
  [
    'a suspension that leads back to itself',
    `status = 'suspended', suspension_mode = 'blocked', status_before = 'suspended', suspended_at = now()`,
  ],
  ['the mode of a suspension that is over', `status = 'active', suspension_mode = 'blocked'`],
  ['the return of a suspension that is over', `status = 'active', status_before = 'trial'`],
  ['a trial without an end', `status = 'trial', trial_ends_at = null`],
  ['a clock of its own outside a sandbox', `clock_offset_seconds = 60`],
  ['a clock that runs behind', `sandbox = true, clock_offset_seconds = -1`],
])('a tenant cannot have %s', async (_, change) => {
  const { id } = await aTenant(world, { plan: 'free' });

  const tried = world.inTenant(id, ({ em }) => em.execute(`update tenants set ${change} where id = ?`, [id]));

  await expect(tried).rejects.toEqual(sqlError('23514'));
});

test.each([
  ['a trial with its end', `status = 'trial', trial_ends_at = now()`],
  ['a sandbox’s own clock', `sandbox = true, clock_offset_seconds = 60`],
])('a tenant can have %s', async (_, change) => {
  const { id } = await aTenant(world, { plan: 'free' });

  const changed = await world.inTenant(id, ({ em }) =>
    em.execute<unknown[]>(`update tenants set ${change} where id = ? returning id`, [id]),
  );

  expect(changed).toEqual([{ id }]);
});

test('a tenant that says it is suspended has a suspension that says so too', async () => {
  const { id } = await aTenant(world, { plan: 'free' });
  const change = `update tenants set ${suspended} where id = ? returning id`;

  const alone = world.inTenant(id, ({ em }) => em.execute(change, [id]));
  await expect(alone).rejects.toEqual(sqlError('23514'));
  const both = world.inTenant(id, async ({ em }) => {
    await em.execute(
      `insert into suspensions (tenant_id, id, trigger, mode, note, starts_at, started_at, raised_at, raised_by_kind)
       values (?, gen_random_uuid(), 'security_incident', 'blocked', 'x', now(), now(), now(), 'system')`,
      [id],
    );
    return em.execute<unknown[]>(change, [id]);
  });

  expect(await both).toEqual([{ id }]);
});

test.each([
  ['is offboarded without an offboarding', `status = 'offboarded', offboarded_at = now()`],
  ['is being purged and not offboarded', `purge_claimed_at = now()`],
  ['is offboarded without a time', `status = 'offboarded'`],
])('no tenant %s', async (_, change) => {
  const { id } = await aTenant(world, { plan: 'free' });

  const tried = world.inTenant(id, ({ em }) => em.execute(`update tenants set ${change} where id = ?`, [id]));

  await expect(tried).rejects.toEqual(sqlError('23514'));
});

async function freshDatabase(): Promise<{ ownerUrl: string; loginUrl: string }> {
  const { ownerUrl, loginUrl } = inject('template');
  const name = `fresh_${randomUUID().replaceAll('-', '')}`;
  const query = await connect(inDatabase(ownerUrl, 'postgres'));
  await query(`create database ${name}`);
  afterAll(() => untilVacuumed(() => query(`drop database if exists ${name} with (force)`)));
  return { ownerUrl: inDatabase(ownerUrl, name), loginUrl: inDatabase(loginUrl, name) };
}

function inDatabase(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}
