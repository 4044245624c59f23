import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../system-error.ts';
import { EmbeddedPostgresError } from './error.ts';

const run = promisify(execFile);

/** Who the server runs as. Null: as ourselves. */
export type Account = { uid: number; gid: number } | null;

/** PostgreSQL refuses to run as root: then it runs as the account `postgres`, or else as `nobody`. */
export async function chooseAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const account = await findAccount(name);
    if (account) return account;
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and there is neither an account postgres nor nobody: set DATABASE_URL',
  );
}

/** Runs a program to its end as the account, from `/` and with nothing of our environment. */
export async function runAs(account: Account, program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { ...account, cwd: '/', env: serverEnvironment });
  return stdout;
}

/** Whether the account may pass into this folder, by whatever means the system decides that. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  try {
    await runAs(account, '/bin/sh', ['-c', 'cd "$1"', 'sh', folder]);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return false;
    throw new EmbeddedPostgresError(
      `no program can be run as the account ${account?.uid} of the database: ${messageOf(error)}`,
    );
  }
}

/** What the server's programs see of our environment: a locale, and no secret. */
export const serverEnvironment = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC' };

async function findAccount(name: string): Promise<Account> {
  try {
    const [uid, gid] = await Promise.all([runAs(null, 'id', ['-u', name]), runAs(null, 'id', ['-g', name])]);
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return null;
  }
}
