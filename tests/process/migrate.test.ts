import { expect, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { anEmptyDatabase, on } from './database.ts';
import { launch, serve } from './process.ts';

test('npm run migrate makes the database, a second time changes nothing, and the plain role then starts on it alone', async () => {
  const database = await anEmptyDatabase();
  const settings = { DATA_DIR: await aDataDir(), ...on(database) };

  const first = await launch(settings, { command: ['npm', 'run', '--silent', 'migrate'] }).ended;
  const second = await launch(settings, { words: ['migrate'] }).ended;

  const done = { code: 0, signal: null, stdout: 'the database is up to date\n', stderr: '' };
  expect(first).toEqual(done);
  expect(second).toEqual(done);
  const service = await serve({ ...settings, MIGRATION_DATABASE_URL: '' });
  expect((await service.client.tenants.list.query()).items).toEqual([]);
  expect((await service.end('SIGTERM')).code).toBe(0);
});

test('two processes that start at once on an empty database both come up', async () => {
  const database = await anEmptyDatabase();
  const settings = { DATA_DIR: await aDataDir(), ...on(database) };

  const [one, other] = await Promise.all([serve(settings), serve(settings)]);

  expect(one.token).toBe(other.token);
  const made = await one.client.serviceClients.create.mutate({ name: 'host', scopes: ['introspect'] });
  expect((await other.client.serviceClients.list.query()).items.map(({ clientId }) => clientId)).toEqual([
    made.clientId,
  ]);
  expect(await Promise.all([one.end('SIGTERM'), other.end('SIGTERM')])).toMatchObject([
    { code: 0 },
    { code: 0 },
  ]);
});
