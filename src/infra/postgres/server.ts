import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { replaceFile } from '../durable-file.ts';
import { hasCode, messageOf } from '../system-error.ts';
import { runAs, serverEnvironment } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Home } from './home.ts';

const startLimitMs = 5 * 60 * 1000; // A crash recovery may take its time.
const fastStopLimitMs = 60_000;
const logLimitBytes = 10 * 1024 * 1024;

/** A running server process. */
export type Server = { pid: number; port: number; isReady: boolean };

/** What a server needs to be started. */
export type Site = { home: Home; binaries: Binaries; cluster: Cluster };

/** The server that runs on this data folder, whoever started it; null when there is none. */
export async function findServer(dataDir: string): Promise<Server | null> {
  const path = pidFile(dataDir);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  const [pid, , , port, , , , status] = text.split('\n');
  if (!pid) return null;
  // A server in single-user mode writes its number negative.
  const server = { pid: Math.abs(Number(pid)), port: Number(port), isReady: status?.trim() === 'ready' };
  const [program = ''] = await readCommand(server.pid);
  if (basename(program) === 'postgres') return server;
  // PostgreSQL would take any process of that number, a zombie too, for its living predecessor.
  const isStale = exists(server.pid) && (await readFile(path, 'utf8').catch(() => '')) === text;
  if (isStale) await rm(path, { force: true });
  return null;
}

/**
 * Starts a server on a free port of 127.0.0.1, the same as last time if it can be had, and waits
 * until it serves. It is a session of its own: signals to our process group do not reach it, and
 * it outlives us. Throws what the server said when it did not start.
 */
export async function launchServer(site: Site): Promise<void> {
  const { home, cluster } = site;
  const port = await findFreePort(join(home.folder, 'port'));
  const log = await openLog(join(home.folder, 'postgres.log'));
  const { size: from } = await log.stat();
  try {
    const child = spawnServer(site, port, log.fd);
    await waitUntilReady(child, cluster.dataDir);
    await replaceFile(join(home.folder, 'port'), `${port}\n`);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `PostgreSQL did not start: ${(await readLog(log, from)) || messageOf(error)}`,
    );
  } finally {
    await log.close();
  }
}

/** Ends the server's sessions and then the server, and waits until it is gone. */
export async function stopServer(dataDir: string): Promise<void> {
  // PostgreSQL's "fast" shutdown is SIGINT; "immediate", which recovers at the next start, SIGQUIT.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const server = await findServer(dataDir);
    if (!server) return;
    process.kill(server.pid, signal);
    const deadline = performance.now() + fastStopLimitMs;
    while (performance.now() < deadline) {
      if ((await findServer(dataDir))?.pid !== server.pid) return;
      await delay(20);
    }
  }
  throw new EmbeddedPostgresError(`PostgreSQL in ${dataDir} does not stop`);
}

function spawnServer({ home, binaries, cluster }: Site, port: number, log: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The log must not keep what the database is asked to forget.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(binaries.folder, 'bin', 'postgres'), ['-D', cluster.dataDir, ...args], {
    ...home.account,
    cwd: '/',
    env: serverEnvironment,
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  return child;
}

async function waitUntilReady(child: ChildProcess, dataDir: string): Promise<void> {
  const ended = once(child, 'exit').then(
    ([code]) => `it ended with exit code ${code}`,
    (error: unknown) => messageOf(error),
  );
  const deadline = performance.now() + startLimitMs;
  while (performance.now() < deadline) {
    const problem = await Promise.race([ended, delay(20)]);
    if (problem !== undefined) throw new Error(problem);
    const server = await findServer(dataDir);
    if (server?.pid === child.pid && server?.isReady) return;
  }
  throw new Error(`it is not ready after ${startLimitMs / 1000} seconds`);
}

/** The port of the last start, if it is free; else any. */
async function findFreePort(memory: string): Promise<number> {
  const remembered = Number(await readFile(memory, 'utf8').catch(() => '0'));
  return (await tryPort(remembered)) ?? (await tryPort(0)) ?? 0;
}

async function tryPort(port: number): Promise<number | null> {
  const probe = createServer();
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening');
    const address = probe.address();
    return address !== null && typeof address === 'object' ? address.port : null;
  } catch {
    return null;
  } finally {
    probe.close();
  }
}

async function openLog(path: string): Promise<FileHandle> {
  const isLong = await stat(path).then(
    ({ size }) => size > logLimitBytes,
    () => false,
  );
  if (isLong) await rm(path);
  return open(path, 'a+', 0o600);
}

async function readLog(log: FileHandle, from: number): Promise<string> {
  const { size } = await log.stat();
  const length = Math.min(size - from, 2000);
  if (length === 0) return '';
  const { buffer } = await log.read(Buffer.alloc(length), 0, length, size - length);
  return messageOf(buffer.toString('utf8'));
}

/** The command line of a living process; empty when there is none, or only a zombie. */
async function readCommand(pid: number): Promise<string[]> {
  try {
    return process.platform === 'linux'
      ? (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
      : (await runAs(null, 'ps', ['-o', 'command=', '-p', String(pid)])).trim().split(' ');
  } catch {
    return [];
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

function pidFile(dataDir: string): string {
  return join(dataDir, 'postmaster.pid');
}
