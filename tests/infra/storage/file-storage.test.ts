import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileStorage } from '../../../src/infra/storage.ts';
import { aDataDir } from '../data-dirs.ts';

test('a body that breaks off leaves no file behind', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });

  await expect(storage.put('files/a', brokenBody())).rejects.toThrow('connection lost');

  expect(await readdir(join(root, '.arrivals'))).toEqual([]);
});

test('deleting the last object of a folder removes the folder, and putting again makes it', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });
  await storage.put('t/1/a/x', 'x');

  await storage.delete('t/1/a/x');

  expect(await readdir(root)).toEqual(['.arrivals']);
  await storage.put('t/1/a/x', 'again');
  expect((await storage.get('t/1/a/x'))?.toString()).toBe('again');
});

test('all objects of a folder can be deleted at once', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });
  const keys = Array.from({ length: 40 }, (_, at) => `t/1/${at}`);
  await Promise.all(keys.map((key) => storage.put(key, key)));

  await Promise.all(keys.map((key) => storage.delete(key)));

  expect(await readdir(root)).toEqual(['.arrivals']);
});

test('objects are for their owner only, and what a crash left half-written goes after an hour', async () => {
  const root = await aDataDir();
  await anArrival(root, 'old', 2);
  await anArrival(root, 'young', 0);

  await createFileStorage({ root }).put('a', 'x');

  expect(await readdir(join(root, '.arrivals'))).toEqual(['young']);
  expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o600);
});

test('tidying removes what was begun before a moment, and counts it', async () => {
  const root = await aDataDir();
  const storage = createFileStorage({ root });
  expect(await storage.tidy(new Date())).toBe(0);
  await storage.put('a', 'x');
  await anArrival(root, 'old', 2);
  await anArrival(root, 'young', 0);

  expect(await storage.tidy(new Date(Date.now() - 3_600_000))).toBe(1);

  expect(await readdir(join(root, '.arrivals'))).toEqual(['young']);
});

async function anArrival(root: string, name: string, hoursOld: number): Promise<void> {
  const path = join(root, '.arrivals', name);
  await mkdir(join(root, '.arrivals'), { recursive: true });
  await writeFile(path, 'half of it');
  const at = Date.now() / 1000 - hoursOld * 3600;
  await utimes(path, at, at);
}

async function* brokenBody(): AsyncIterable<Uint8Array> {
  yield Buffer.from('half of it');
  throw new Error('connection lost');
}
