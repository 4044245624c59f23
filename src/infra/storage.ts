import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Refusal } from '../domain/refusal.ts';
import { type FileBody, syncFolder, writeSynced } from './durable-file.ts';
import { hasCode } from './system-error.ts';

/** Another process may still be writing a younger one. */
const abandonedAfterMs = 60 * 60 * 1000;

export type StoredObject = { key: string; bytes: number; storedAt: Date };

/** The first and the last byte, both included, within the object. */
export type ByteRange = { start: number; end: number };

/** Keeps objects under keys like `tenants/<id>/<name>`. A key may not be another key's folder. */
export type Storage = {
  /** Stores or replaces an object, whole or not at all; answers its size in bytes. */
  put(key: string, body: FileBody): Promise<number>;
  /** Stores an object unless one is there; of several at once the first wins and the others get false. */
  create(key: string, body: string | Uint8Array): Promise<boolean>;
  get(key: string): Promise<Buffer | null>;
  /** Opens an object, or the range of it, for streaming, or answers null. `bytes` is the size of the whole object. */
  read(key: string, range?: ByteRange): Promise<{ stream: Readable; bytes: number } | null>;
  /** The size of an object in bytes, or null. */
  size(key: string): Promise<number | null>;
  /** What is not there is deleted already. */
  delete(key: string): Promise<void>;
  /** Every object whose key begins with the prefix, in no order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removes what was begun before that moment and is still half-written; answers how much. */
  tidy(before: Date): Promise<number>;
};

/** Storage in a folder of the file system: an object is a file, and what is stored is synced. */
export function createFileStorage(options: { root: string }): Storage {
  const root = resolve(options.root);
  const arrivals = join(root, '.arrivals');
  let prepared: Promise<void> | undefined;
  const pathOf = (key: string) => join(root, ...readKey(key));

  async function store(key: string, body: FileBody, place: typeof rename): Promise<number> {
    const path = pathOf(key);
    const arrival = join(arrivals, randomUUID());
    await (prepared ??= prepareArrivals(arrivals).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    }));
    try {
      const bytes = await writeSynced(arrival, body);
      await inFolder(path, () => place(arrival, path));
      return bytes;
    } finally {
      await rm(arrival, { force: true });
    }
  }

  return {
    put: (key, body) => store(key, body, rename),
    create: (key, body) => unlessExists(() => store(key, body, link)),
    get: (key) => unlessMissing(() => readFile(pathOf(key)), null),
    read: (key, range) => unlessMissing(() => openForReading(pathOf(key), range), null),
    size: (key) => unlessMissing(async () => (await stat(pathOf(key))).size, null),
    async delete(key) {
      const path = pathOf(key);
      const deleted = await unlessMissing(() => unlink(path).then(() => true), false);
      if (deleted) await tidyFolders(dirname(path), root);
    },
    list: (prefix) => listFiles(root, prefix),
    tidy: (before) => tidyArrivals(arrivals, before),
  };
}

/** Makes the folder where objects are written first, and removes what a crash left half-written there. */
async function prepareArrivals(arrivals: string): Promise<void> {
  await mkdir(arrivals, { recursive: true, mode: 0o700 });
  await tidyArrivals(arrivals, new Date(Date.now() - abandonedAfterMs));
}

async function tidyArrivals(arrivals: string, before: Date): Promise<number> {
  let removed = 0;
  for (const name of await unlessMissing(() => readdir(arrivals), [])) {
    const path = join(arrivals, name);
    const found = await unlessMissing(() => stat(path), null);
    if (!found || found.mtimeMs >= before.getTime()) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

/** Answers the key, or refuses one that no storage would keep as it is. */
export function checkKey(key: string): string {
  return readKey(key).join('/');
}

/** Answers the prefix of a list, or refuses one that is no beginning of a key. */
export function checkPrefix(prefix: string): string {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') readKey(folder.slice(0, -1));
  return prefix;
}

function readKey(key: string): string[] {
  const segments = key.split('/');
  const proper = segments.every(
    (segment) => /^[^.\\\0][^\\\0]*$/u.test(segment) && Buffer.byteLength(segment) <= 255,
  );
  if (!proper || Buffer.byteLength(key) > 1024) {
    throw new Refusal('INVALID_INPUT', 'a storage key has an empty, too long or forbidden part');
  }
  return segments;
}

/** Makes the folder of `path` and does `work` there, again when a deletion took the folder away between. */
async function inFolder(path: string, work: () => Promise<void>): Promise<void> {
  const folder = dirname(path);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await work();
      return await syncFolder(folder);
    } catch (error) {
      if (attempt === 5 || !hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/** Syncs what a deletion left, and removes folders that it left empty. */
async function tidyFolders(folder: string, root: string): Promise<void> {
  // Another deletion in the same folder may have removed it.
  await unlessMissing(() => syncFolder(folder), undefined);
  for (let at = folder; at !== root; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return;
      throw error;
    }
  }
}

async function openForReading(path: string, range?: ByteRange): Promise<{ stream: Readable; bytes: number }> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return { stream: createReadStream(path, { fd: file, ...range }), bytes: size };
}

async function* listFiles(root: string, prefix: string): AsyncIterable<StoredObject> {
  const folder = checkPrefix(prefix).slice(0, prefix.lastIndexOf('/') + 1);
  const entries = await unlessMissing(() => readdir(join(root, folder), { withFileTypes: true }), []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = `${folder}${entry.name}`;
    if (entry.name.startsWith('.') || !key.startsWith(prefix)) continue;
    if (entry.isDirectory()) yield* listFiles(root, `${key}/`);
    const found = entry.isFile() && (await unlessMissing(() => stat(join(root, key)), null));
    if (found) yield { key, bytes: found.size, storedAt: found.mtime };
  }
}

async function unlessMissing<T, M>(work: () => Promise<T>, missing: M): Promise<T | M> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return missing;
    throw error;
  }
}

async function unlessExists(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
