import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createFile } from '../durable-file.ts';
import { hasCode } from '../system-error.ts';
import { type Account, canEnter, chooseAccount } from './account.ts';
import { EmbeddedPostgresError } from './error.ts';

/** Where a database lies that cannot lie in DATA_DIR: a folder that every account can reach. */
const outside = '/var/lib/tenantry';

export type Home = {
  /** Holds the cluster, the server's log and its port. */
  folder: string;
  account: Account;
  /** Where copies of the binaries may be put. */
  spareFolder: string;
};

/**
 * Decides once where the database of a DATA_DIR lies, and who runs it: in `DATA_DIR/postgres`, or,
 * as root, where a folder above shuts the database's account out, under /var/lib/tenantry; then
 * the note `DATA_DIR/postgres-location` says where.
 */
export async function findHome(dataDir: string): Promise<Home> {
  const inside = join(dataDir, 'postgres');
  const account = await chooseAccount();
  if (account === null) {
    const folder = (await readNote(dataDir)) ?? inside;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { folder, account, spareFolder: inside };
  }
  const owner = await findOwner(join(inside, 'cluster'));
  if (owner) return { folder: await reachable(inside, owner), account: owner, spareFolder: outside };
  const folder = (await readNote(dataDir)) ?? (await chooseFolder(dataDir, inside, account));
  return { folder, account: (await findOwner(join(folder, 'cluster'))) ?? account, spareFolder: outside };
}

async function findOwner(cluster: string): Promise<Account> {
  const found = await statOrNull(cluster);
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : null;
}

async function reachable(folder: string, account: Account): Promise<string> {
  if (await canEnter(account, folder)) return folder;
  throw new EmbeddedPostgresError(
    `the account ${account?.uid} of the database can no longer reach ${folder}: ` +
      'let it pass through the folders above (chmod o+x)',
  );
}

async function readNote(dataDir: string): Promise<string | null> {
  const path = notePath(dataDir);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  const [folder] = text?.split('\n') ?? [];
  if (!folder) return null;
  if (await statOrNull(folder)) return folder;
  throw new EmbeddedPostgresError(
    `the database of ${dataDir} lay in ${folder}, which is gone: restore it, or delete ${path} to begin anew`,
  );
}

async function chooseFolder(dataDir: string, inside: string, account: Account): Promise<string> {
  await mkdir(inside, { recursive: true });
  // Passed through by the database's account, listed by none but us.
  await chmod(inside, 0o711);
  if (await canEnter(account, inside)) return inside;
  await rmdir(inside);
  return settleOutside(dataDir);
}

async function settleOutside(dataDir: string): Promise<string> {
  await mkdir(outside, { recursive: true });
  await chmod(outside, 0o755);
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const folder = await mkdtemp(join(outside, `${name}-`));
  await chmod(folder, 0o711);
  const note = `${folder}\n\nThe database lies there, since its account cannot reach this folder. Delete both together.\n`;
  if (await createFile(notePath(dataDir), note)) return folder;
  // Another start was faster: where it settled, we do.
  await rmdir(folder);
  return (await readNote(dataDir)) ?? settleOutside(dataDir);
}

function notePath(dataDir: string): string {
  return join(dataDir, 'postgres-location');
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
