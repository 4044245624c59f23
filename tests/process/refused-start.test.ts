import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, inject, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { anS3Server } from '../support/s3-server.ts';
import { aDatabase, anEmptyDatabase, on, run, urlAt } from './database.ts';
import { launch, type Settings } from './process.ts';

const template = inject('template');
const line = (words: RegExp) => new RegExp(`^${words.source}[^\\n]*\\n$`);

/** What a start says on standard error before it ends with exit code 1, having said nothing else. */
async function refusalOf(settings: Settings): Promise<string> {
  const { code, signal, stdout, stderr } = await launch({ DATA_DIR: await aDataDir(), ...settings }).ended;
  expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' });
  return stderr;
}

test('a database that nobody listens for is one line', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const address = free.address();
  const port = String(address !== null && typeof address === 'object' ? address.port : 0);
  free.close();

  const said = await refusalOf({ DATABASE_URL: urlAt(template.loginUrl, { port }) });

  expect(said).toMatch(line(/cannot connect to the database: .*ECONNREFUSED/));
});

test('a wrong password is one line, which does not repeat it', async () => {
  const said = await refusalOf({ DATABASE_URL: urlAt(template.loginUrl, { password: 'not-the-password' }) });

  expect(said).toMatch(line(/cannot connect to the database: password authentication failed/));
  expect(said).not.toContain('not-the-password');
});

test('a database that does not exist is one line', async () => {
  const said = await refusalOf({ DATABASE_URL: urlAt(template.loginUrl, { pathname: '/nowhere' }) });

  expect(said).toMatch(line(/cannot connect to the database: database "nowhere" does not exist/));
});

// Given by DATABASE_URL, the tests' server has one role that owns and serves, and lacks nothing.
test.skipIf(template.ownerUrl === template.loginUrl)(
  'a role that may not become the run-time roles is one line, with the SQL to run',
  async () => {
    const said = await refusalOf({ DATABASE_URL: (await anEmptyDatabase()).ownerUrl });

    expect(said).toMatch(
      line(/the run-time roles are missing; let an administrator run once: .*grant tenantry_/),
    );
  },
);

test.skipIf(template.ownerUrl === template.loginUrl)(
  'a plain role on a database that is not migrated is one line',
  async () => {
    const said = await refusalOf({ DATABASE_URL: (await anEmptyDatabase()).loginUrl });

    expect(said).toMatch(line(/the database lacks the migration .*: give MIGRATION_DATABASE_URL/));
  },
);

test('a database newer than the code is one line', async () => {
  const database = await aDatabase();
  await run(database.ownerUrl, `insert into mikro_orm_migrations (name) values ('Migration29990101')`);

  const said = await refusalOf(on(database));

  expect(said).toMatch(line(/the database is newer than this code: it has the migration Migration29990101/));
});

test('production without its secrets is a line for each', async () => {
  const said = await refusalOf({ NODE_ENV: 'production' });

  expect(said.split('\n')).toEqual([
    'SECRET_KEY must be given in production',
    'BOOTSTRAP_OPERATOR_TOKEN must be given in production',
    '',
  ]);
});

test('an S3 server that would overwrite a tenant’s key is one line', async () => {
  const server = await anS3Server({ conditionalPuts: false });
  const { bucket } = await server.aBucket();

  const said = await refusalOf({
    ...on(await aDatabase()),
    STORAGE_URL: `s3://${bucket}?endpoint=${server.endpoint}`,
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
  });

  expect(said).toMatch(
    line(/STORAGE_URL: cannot use the bucket .*: its server does not honour If-None-Match/),
  );
});

test('a port that is taken is one line, also with a database of one’s own', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const PORT = String(address !== null && typeof address === 'object' ? address.port : 0);

  const said = await refusalOf({ ...on(await aDatabase()), PORT });

  expect(said).toBe(`port ${PORT} on 127.0.0.1 is in use: choose another with PORT\n`);
  other.close();
});
