import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { ensureDataDir } from './durable-file.ts';
import type { Log } from './log.ts';
import { findBinaries } from './postgres/binaries.ts';
import { ensureCluster } from './postgres/cluster.ts';
import { DataDirInUseError, EmbeddedPostgresError } from './postgres/error.ts';
import { findHome } from './postgres/home.ts';
import { takeLock } from './postgres/lock.ts';
import { findServer, launchServer, type Site, stopServer } from './postgres/server.ts';
import { messageOf } from './system-error.ts';

export type EmbeddedPostgres = {
  /** The superuser's connection to the database `postgres`. */
  adminUrl: string;
  /** Ends all sessions and the server. Close pools before; harmless twice. */
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = { dataDir: string; log: Log };

const connectLimitMs = 60_000;
const launchLimit = 5;

/**
 * Starts the PostgreSQL that npm installed on the data under `dataDir`, or takes over the one that
 * a killed predecessor left running. Started again when it dies. Throws a `DataDirInUseError`
 * while another process serves the same data, an `EmbeddedPostgresError` when it cannot run.
 */
export async function startEmbeddedPostgres({
  dataDir,
  log,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const site = await findSite(dataDir);
  const keeper = createKeeper(site, dataDir, log);
  const port = await keeper.open();
  return {
    adminUrl: adminUrl(site, port),
    stop: keeper.close,
  };
}

async function findSite(dataDir: string): Promise<Site> {
  await ensureDataDir(dataDir);
  const home = await findHome(await realpath(dataDir));
  const binaries = await findBinaries(home.account, home.spareFolder);
  return { home, binaries, cluster: await ensureCluster(home, binaries) };
}

function createKeeper(site: Site, dataDir: string, log: Log) {
  let lock: Client | undefined;
  let isClosing = false;
  let recovery: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  async function open(): Promise<number> {
    const held = await openLocked(site, log);
    if (held === 'held') throw new DataDirInUseError(dataDir);
    lock = held;
    held.once('end', () => {
      if (!isClosing) recovery = recover();
    });
    return held.port;
  }

  async function recover(): Promise<void> {
    log.error('the connection to the own PostgreSQL broke: reopening it');
    try {
      await open();
      log.warn('the own PostgreSQL serves again');
    } catch (error) {
      log.fatal({ err: error }, 'the own PostgreSQL is lost');
    }
  }

  async function close(): Promise<void> {
    isClosing = true;
    await recovery;
    // Only who holds the lock may stop the server, and holds it until the server is gone.
    if (lock) await stopServer(site.cluster.dataDir);
    await lock?.end().catch(() => {});
  }

  return { open, close: () => (closing ??= close()) };
}

/** Finds or starts the server and takes its lock. */
async function openLocked(site: Site, log: Log): Promise<Client | 'held'> {
  const deadline = performance.now() + connectLimitMs;
  for (let launches = 0; performance.now() < deadline;) {
    const server = await findServer(site.cluster.dataDir);
    if (!server) {
      launches += 1;
      await launch(site, log, launches);
    } else if (server.isReady) {
      const lock = await takeLock(adminUrl(site, server.port));
      if (lock !== 'unavailable') return lock;
    }
    await delay(50);
  }
  throw new EmbeddedPostgresError('PostgreSQL runs but does not answer');
}

/** One more try: another start may be faster, the port may be taken, a dying server may still hold on. */
async function launch(site: Site, log: Log, attempt: number): Promise<void> {
  try {
    await launchServer(site);
  } catch (error) {
    if (attempt === launchLimit) throw error;
    log.warn(messageOf(error));
    await delay(200 * attempt);
  }
}

function adminUrl({ cluster }: Site, port: number): string {
  return `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`;
}
