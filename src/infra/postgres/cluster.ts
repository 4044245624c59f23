import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeSynced } from '../durable-file.ts';
import { hasCode, messageOf } from '../system-error.ts';
import { runAs } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Home } from './home.ts';

/** The data folder of a database server, and the password of its superuser `postgres`. */
export type Cluster = { dataDir: string; password: string };

const abandonedAfterMs = 10 * 60 * 1000;

/** Opens the cluster of this home; makes it if there is none, whole or not at all. */
export async function ensureCluster(home: Home, binaries: Binaries): Promise<Cluster> {
  const folder = join(home.folder, 'cluster');
  const cluster =
    (await openCluster(folder)) ?? (await makeCluster(home, binaries).then(() => openCluster(folder)));
  if (!cluster) throw new EmbeddedPostgresError(`the database in ${folder} vanished while it was made`);
  const major = Number(await readFile(join(cluster.dataDir, 'PG_VERSION'), 'utf8'));
  if (major !== binaries.major) {
    throw new EmbeddedPostgresError(
      `the database in ${folder} is of PostgreSQL ${major}, the installed one is ${binaries.major}: ` +
        'move it with pg_upgrade or pg_dump',
    );
  }
  return cluster;
}

async function openCluster(folder: string): Promise<Cluster | null> {
  try {
    const password = await readFile(join(folder, 'password'), 'utf8');
    return { dataDir: join(folder, 'data'), password: password.trim() };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function makeCluster(home: Home, binaries: Binaries): Promise<void> {
  await removeAbandoned(home.folder);
  const arriving = await mkdtemp(join(home.folder, 'arriving-'));
  try {
    await initCluster(arriving, home, binaries);
    await rename(arriving, join(home.folder, 'cluster'));
    await syncFolder(home.folder);
  } catch (error) {
    // Another start was faster: its cluster serves us too.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  } finally {
    await rm(arriving, { recursive: true, force: true });
  }
}

async function initCluster(folder: string, { account }: Home, binaries: Binaries): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeSynced(passwordFile, `${randomBytes(32).toString('base64url')}\n`);
  if (account) {
    await chown(passwordFile, account.uid, account.gid);
    await chown(folder, account.uid, account.gid);
  }
  const options = [
    `--pgdata=${join(folder, 'data')}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorts by code point and knows every letter's case, the same on every system.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  try {
    await runAs(account, join(binaries.folder, 'bin', 'initdb'), options);
  } catch (error) {
    throw new EmbeddedPostgresError(`no database could be made in ${folder}: ${messageOf(error)}`);
  }
}

/** Removes what a start that was killed left half made. A younger one may still be at work. */
async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('arriving-')) continue;
    const path = join(home, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
