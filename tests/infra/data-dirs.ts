import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh folder that is removed after the test, with the database that a note in it points to. */
export async function aDataDir({ parentMode = 0o755 } = {}): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'tenantry-'));
  const dataDir = join(parent, 'data');
  await chmod(parent, parentMode);
  onTestFinished(async () => {
    const outside = await locationOf(dataDir);
    if (outside) await rm(outside, { recursive: true, force: true });
    await rm(parent, { recursive: true, force: true });
  });
  return dataDir;
}

/** Where the note of a DATA_DIR says that its database lies, if there is one. */
export async function locationOf(dataDir: string): Promise<string | undefined> {
  const note = await readFile(join(dataDir, 'postgres-location'), 'utf8').catch(() => '');
  return note.split('\n')[0] || undefined;
}
