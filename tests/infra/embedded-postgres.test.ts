import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/infra/embedded-postgres.ts';
import { createLog } from '../../src/infra/log.ts';
import { canEnter } from '../../src/infra/postgres/account.ts';
import { DataDirInUseError } from '../../src/infra/postgres/error.ts';
import { findServer } from '../../src/infra/postgres/server.ts';
import { aDataDir, locationOf } from './data-dirs.ts';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
const program = join(import.meta.dirname, 'embedded-postgres-process.ts');
const log = createLog({ level: 'silent', format: 'json' });
const slow = { timeout: 90_000 };

test('what was stored before a stop is there after the next start', slow, async () => {
  const dataDir = await aDataDir();
  const first = await started(dataDir);
  await ask(first.adminUrl, 'create table kept as select 7 as number');
  await first.stop();
  expect(await serverOf(dataDir)).toBeNull();

  const second = await started(dataDir);

  expect(await ask(second.adminUrl, 'select number from kept')).toEqual([{ number: 7 }]);
  expect(new URL(second.adminUrl).port).toBe(new URL(first.adminUrl).port);
});

test(
  'the server syncs, listens on this machine only, and knows the letters of every language',
  slow,
  async () => {
    const { adminUrl } = await started(await aDataDir());

    const [settings] = await ask(
      adminUrl,
      `select current_setting('fsync') fsync, current_setting('listen_addresses') addresses,
       current_setting('unix_socket_directories') sockets, current_setting('server_encoding') encoding,
       current_setting('password_encryption') passwords, lower('ÄÉΩ') lower`,
    );

    expect(settings).toEqual({
      fsync: 'on',
      addresses: '127.0.0.1',
      sockets: '',
      encoding: 'UTF8',
      passwords: 'scram-sha-256',
      lower: 'äéω',
    });
    const unlocked = adminUrl.replace(/:[^:@]+@/, ':wrong@');
    await expect(ask(unlocked, 'select 1')).rejects.toThrow('password authentication failed');
  },
);

test('a second start on a DATA_DIR in use is refused and leaves the first alone', slow, async () => {
  const dataDir = await aDataDir();
  const first = await started(dataDir);

  await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(DataDirInUseError);
  const other = await launched(dataDir);

  expect(other.line).toMatch(/^DataDirInUseError: DATA_DIR .* is in use/);
  expect(await ask(first.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of two first starts at once exactly one wins, and serves', slow, async () => {
  const dataDir = await aDataDir();

  const lines = (await Promise.all([launched(dataDir), launched(dataDir)])).map(({ line }) => line).sort();

  expect(lines[0]).toMatch(/^DataDirInUseError/);
  expect(await ask(lines[1] ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a server left over by kill -9 is taken over with what it holds', slow, async () => {
  const dataDir = await aDataDir();
  const killed = await launched(dataDir);
  await ask(killed.line, 'create table kept as select 7 as number');
  const left = await serverOf(dataDir);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');

  const next = await started(dataDir);

  expect((await serverOf(dataDir))?.pid).toBe(left?.pid);
  expect(await ask(next.adminUrl, 'select number from kept')).toEqual([{ number: 7 }]);
  await next.stop();
  expect(await serverOf(dataDir)).toBeNull();
});

test('a signal to the whole process group does not reach the server, which stops last', slow, async () => {
  const dataDir = await aDataDir();
  const { child, lines } = await launched(dataDir);

  process.kill(-(child.pid ?? 0), 'SIGINT');
  const [[code], last] = await Promise.all([once(child, 'exit'), lines.next()]);

  expect(last.value).toBe('answered after the signal');
  expect(code).toBe(0);
  expect(await serverOf(dataDir)).toBeNull();
});

test('a server that dies is started again on the same address', slow, async () => {
  const dataDir = await aDataDir();
  const { adminUrl } = await started(dataDir);
  const dead = await serverOf(dataDir);

  process.kill(dead?.pid ?? 0, 'SIGKILL');

  await expect
    .poll(() => ask(adminUrl, 'select 1 as one').catch(() => 'not yet'), { timeout: 30_000 })
    .toEqual([{ one: 1 }]);
  expect((await serverOf(dataDir))?.pid).not.toBe(dead?.pid);
});

test('a pid file that names a process of another kind does not block the start', slow, async () => {
  const dataDir = await aDataDir();
  const first = await started(dataDir);
  await first.stop();
  const data = join((await locationOf(dataDir)) ?? join(dataDir, 'postgres'), 'cluster', 'data');
  await writeFile(
    join(data, 'postmaster.pid'),
    `${process.pid}\n${data}\n1\n5432\n\n127.0.0.1\n1 1\nready   \n`,
  );

  const next = await started(dataDir);

  expect(await ask(next.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test.runIf(isRoot)('as root the database lies in DATA_DIR where its account can reach it', slow, async () => {
  const dataDir = await aDataDir();

  await started(dataDir);

  expect(await locationOf(dataDir)).toBeUndefined();
  expect((await stat(join(dataDir, 'postgres', 'cluster'))).uid).not.toBe(0);
});

test.runIf(isRoot)(
  'as root it works below a folder that shuts all others out, and a note says where',
  slow,
  async () => {
    const dataDir = await aDataDir({ parentMode: 0o700 });
    const first = await started(dataDir);
    await ask(first.adminUrl, 'create table kept as select 7 as number');
    await first.stop();

    const second = await started(dataDir);

    expect(await ask(second.adminUrl, 'select number from kept')).toEqual([{ number: 7 }]);
    expect(await locationOf(dataDir)).toMatch(/^\/var\/lib\/tenantry\//);
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow('is in use');
  },
);

test.runIf(isRoot)(
  'a database that a note points to and that is gone is never replaced by an empty one',
  async () => {
    const dataDir = await aDataDir({ parentMode: 0o700 });
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'postgres-location'), '/var/lib/tenantry/gone\n');

    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow('which is gone');
  },
);

// As an ordinary user every test above is this one. As root it needs a checkout that others can read.
test.runIf(isRoot && (await canEnter(nobody, import.meta.dirname)))(
  'it works as an ordinary user',
  slow,
  async () => {
    const dataDir = await aDataDir();
    await chown(dirname(dataDir), nobody.uid, nobody.gid);

    const { line } = await launched(dataDir, nobody);

    expect(await ask(line, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres', 'cluster'))).uid).toBe(nobody.uid);
  },
);

/** Starts in this process, and stops after the test. */
async function started(dataDir: string) {
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  onTestFinished(() => postgres.stop());
  return postgres;
}

/** Starts in a process, and process group, of its own; `line` is its connection or why it refused. */
async function launched(dataDir: string, account = {}) {
  const child = spawn(process.execPath, [program, dataDir], {
    ...account,
    cwd: '/',
    env: { HOME: dirname(dataDir) },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let line = '';
  onTestFinished(async () => {
    child.kill('SIGKILL');
    // Who was refused started no server: the one that is there is another's, who would start it anew.
    if (line.startsWith('DataDirInUseError')) return;
    const left = await serverOf(dataDir);
    if (left) process.kill(left.pid, 'SIGQUIT');
    while (await serverOf(dataDir)) await delay(20);
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  line = String((await lines.next()).value);
  return { child, lines, line };
}

async function serverOf(dataDir: string) {
  return findServer(join((await locationOf(dataDir)) ?? join(dataDir, 'postgres'), 'cluster', 'data'));
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
