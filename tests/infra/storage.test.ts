import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createFileStorage, type Storage } from '../../src/infra/storage.ts';
import { aDataDir } from './data-dirs.ts';

test('what is put is got, whole and as a stream, and replaced by the next', async () => {
  const storage = createFileStorage({ root: await aDataDir() });

  expect(await storage.put('files/a/ü.txt', 'first')).toBe(5);
  expect(await storage.put('files/a/ü.txt', Readable.from([Buffer.from('sec'), Buffer.from('ond')]))).toBe(6);

  expect((await storage.get('files/a/ü.txt'))?.toString()).toBe('second');
  const read = await storage.read('files/a/ü.txt');
  expect(read?.bytes).toBe(6);
  expect((await buffer(read?.stream ?? Readable.from([]))).toString()).toBe('second');
});

test('what is not there is null, and deleting it says so', async () => {
  const storage = createFileStorage({ root: await aDataDir() });
  await storage.put('files/a', 'x');

  expect(await storage.get('files/b')).toBeNull();
  expect(await storage.read('files/a/b')).toBeNull();
  expect(await storage.delete('files/b')).toBe(false);
  expect(await keysOf(storage, 'other/')).toEqual([]);
});

test('of several who create an object at once one wins and its content stays', async () => {
  const storage = createFileStorage({ root: await aDataDir() });

  const created = await Promise.all(
    Array.from({ length: 8 }, async (_, at) =>
      (await storage.create('keys/k', `content ${at}`)) ? at : null,
    ),
  );

  const winners = created.filter((at) => at !== null);
  expect(winners).toHaveLength(1);
  expect((await storage.get('keys/k'))?.toString()).toBe(`content ${winners[0]}`);
});

test('a body that breaks off leaves the older object and no trace', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });
  await storage.put('files/a', 'older');

  await expect(storage.put('files/a', brokenBody())).rejects.toThrow('connection lost');

  expect((await storage.get('files/a'))?.toString()).toBe('older');
  expect(await readdir(join(root, '.arrivals'))).toEqual([]);
});

test('a list names every object below a prefix and nothing else', async () => {
  const storage = createFileStorage({ root: await aDataDir() });
  for (const key of ['t/1/b', 't/1/a/x', 't/10/c', 't/2/d', 'u']) await storage.put(key, key);

  expect(await keysOf(storage, 't/1/')).toEqual(['t/1/a/x', 't/1/b']);
  expect(await keysOf(storage, 't/1')).toEqual(['t/1/a/x', 't/1/b', 't/10/c']);
  expect(await keysOf(storage, '')).toEqual(['t/1/a/x', 't/1/b', 't/10/c', 't/2/d', 'u']);
});

test('deleting the last object of a folder removes the folder, and putting again makes it', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });
  await storage.put('t/1/a/x', 'x');

  expect(await storage.delete('t/1/a/x')).toBe(true);

  expect(await readdir(root)).toEqual(['.arrivals']);
  await storage.put('t/1/a/x', 'again');
  expect((await storage.get('t/1/a/x'))?.toString()).toBe('again');
});

test('putting and deleting side by side loses nothing', async () => {
  const storage = createFileStorage({ root: await aDataDir() });

  await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      await storage.put(`t/shared/${at}`, `${at}`);
      if (at % 2 === 0) await storage.delete(`t/shared/${at}`);
    }),
  );

  expect(await keysOf(storage, 't/')).toHaveLength(20);
});

test('all objects of a folder can be deleted at once, and each says that it was there', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });
  const keys = Array.from({ length: 40 }, (_, at) => `t/1/${at}`);
  await Promise.all(keys.map((key) => storage.put(key, key)));

  const deleted = await Promise.all(keys.map((key) => storage.delete(key)));

  expect(deleted).toEqual(keys.map(() => true));
  expect(await readdir(root)).toEqual(['.arrivals']);
});

test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', '.', './a', '.hidden', 'a\0b', 'a\\b', 'x'.repeat(256)])(
  'the key %o is refused',
  async (key) => {
    const storage = createFileStorage({ root: await aDataDir() });

    await expect(storage.put(key, 'x')).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
    await expect((async () => storage.get(key))()).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
    await expect(keysOf(storage, `${key}/../`)).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
  },
);

test('objects are for their owner only, and what a crash left half-written goes after an hour', async () => {
  const root = await aDataDir();
  await mkdir(join(root, '.arrivals'), { recursive: true });
  await writeFile(join(root, '.arrivals', 'old'), 'personal data');
  await writeFile(join(root, '.arrivals', 'young'), 'still being written');
  const twoHoursAgo = Date.now() / 1000 - 7200;
  await utimes(join(root, '.arrivals', 'old'), twoHoursAgo, twoHoursAgo);

  await createFileStorage({ root }).put('a', 'x');

  expect(await readdir(join(root, '.arrivals'))).toEqual(['young']);
  expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o600);
});

async function* brokenBody(): AsyncIterable<Uint8Array> {
  yield Buffer.from('half of it');
  throw new Error('connection lost');
}

async function keysOf(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}
