import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode } from './system-error.ts';

export type FileBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Makes the data folder if there is none. Its files are private one by one. */
export async function ensureDataDir(dataDir: string): Promise<void> {
  await mkdir(dirname(dataDir), { recursive: true });
  const created = await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // As root the database runs as another account, which must be able to pass through.
  if (created !== undefined && process.getuid?.() === 0) await chmod(dataDir, 0o711);
}

/** Writes a file that only its owner can read and that is either whole or absent, and replaces an older one. */
export async function replaceFile(path: string, body: FileBody): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeSynced(temporary, body);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

/**
 * Writes a file like `replaceFile`, but never over another one: of several writers at once the
 * first wins. Answers false when the file was there already.
 */
export async function createFile(path: string, body: FileBody): Promise<boolean> {
  const temporary = temporaryBeside(path);
  try {
    await writeSynced(temporary, body);
    await link(temporary, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Writes and syncs a new private file; answers its size in bytes. */
export async function writeSynced(path: string, body: FileBody): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of chunksOf(body)) {
      const { bytesWritten } = await file.write(chunk);
      if (bytesWritten < chunk.length) throw new Error(`only ${bytesWritten} of ${chunk.length} bytes fit`);
      bytes += bytesWritten;
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

/** Makes a rename or a removal in this folder survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function chunksOf(body: FileBody): AsyncIterable<Uint8Array> | Uint8Array[] {
  if (typeof body === 'string') return [Buffer.from(body)];
  return body instanceof Uint8Array ? [body] : body;
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 60)}.${randomUUID()}`);
}
