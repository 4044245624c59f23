import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { joinsNext, joinStatements } from '../../src/db/round-trips/joined-statements.ts';
import { cloneDatabase } from '../support/database.ts';

const database = await cloneDatabase();
const pool = new Pool({ connectionString: database.ownerUrl, max: 1 });
joinStatements(pool);
pool.on('error', () => {
  // The database is dropped while its connection closes.
});
const client = await pool.connect();
const ask = async (text: string) => (await client.query(text, [])).rows;
await ask('create temp table things (id int primary key)');

afterAll(async () => {
  client.release();
  await pool.end();
  await database.drop();
});

const message = 'select query from pg_stat_activity where pid = pg_backend_pid()';
const things = async () => (await ask('select id from things order by id')).map(({ id }) => id);

test('the beginning of a transaction and its binding travel with the first statement, in one message', async () => {
  await ask('begin');
  await ask(`select set_config('app.tenant_id', 'somebody', true)`);
  const [seen] = await ask(`${message} and current_setting('app.tenant_id') = 'somebody'`);
  await ask('rollback');

  expect(seen.query).toMatch(/^begin;\nselect set_config\(.*\);\nselect query from/);
  expect(await ask(`select current_setting('app.tenant_id', true) as bound`)).toEqual([{ bound: '' }]);
});

test('a statement that joins the next is seen by it, and is committed', async () => {
  await ask('begin');
  await ask(`${joinsNext} insert into things values (1)`);
  expect(await things()).toEqual([1]);
  await ask(`${joinsNext} insert into things values (2)`);
  await ask('commit');

  expect(await things()).toEqual([1, 2]);
});

test('a rollback drops what waits, and undoes what went', async () => {
  await ask('begin');
  await ask(`${joinsNext} insert into things values (3)`);
  await ask('select 1');
  await ask(`${joinsNext} insert into things values (4)`);
  await ask('rollback');

  expect(await things()).toEqual([1, 2]);
});

test.each(['select 1', 'commit'])(
  'the failure of a statement that waits is that of "%s" after it',
  async (next) => {
    await ask('begin');
    await ask(`${joinsNext} insert into things values (1)`);
    await expect(ask(next)).rejects.toMatchObject({ code: '23505', constraint: 'things_pkey' });
    await ask('rollback');

    expect(await things()).toEqual([1, 2]);
  },
);

test('a statement with parameters takes a message of its own, after what waits', async () => {
  await ask('begin');
  await ask(`${joinsNext} insert into things values (5)`);
  const { rows } = await client.query('select id from things where id = $1', [5]);
  await ask('rollback');

  expect(rows).toEqual([{ id: 5 }]);
});

test('a transaction in which nothing was asked is none for the server', async () => {
  await ask('begin');
  await ask(`select set_config('app.tenant_id', 'somebody', true)`);
  await ask('commit');

  expect(await ask(message)).toEqual([{ query: message }]);
});
