import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { createSecretBox } from '../../../src/infra/secrets.ts';
import { createFileStorage, type Storage } from '../../../src/infra/storage.ts';
import { openStorage } from '../../../src/infra/storage/open-storage.ts';
import { createTenantFiles } from '../../../src/infra/storage/tenant-files.ts';
import { createTenantKeys } from '../../../src/infra/tenant-keys.ts';
import { aBucketAt, startS3Server } from '../../support/s3-server.ts';
import { aDataDir } from '../data-dirs.ts';

const server = await startS3Server();
afterAll(() => server.stop());

const stores: [string, () => Promise<Storage>][] = [
  ['a folder', async () => createFileStorage({ root: await aDataDir() })],
  ['an S3 server', async () => openStorage(await server.aBucket())],
  ['a folder of a bucket', async () => openStorage(await aBucketAt(server.endpoint, 'prod/eu/'))],
];
// A second S3 server, of another maker: `moto_server`, MinIO or Amazon itself.
const peer = process.env['S3_TEST_URL'];
if (peer) stores.push([peer, async () => openStorage(await aBucketAt(peer))]);

describe.each(stores)('in %s', (_name, aStorage) => {
  test('what is put is got, whole and as a stream, and replaced by the next', async () => {
    const storage = await aStorage();

    expect(await storage.put('files/a/ü.txt', 'first')).toBe(5);
    const halves = Readable.from([Buffer.from('sec'), Buffer.from('ond')]);
    expect(await storage.put('files/a/ü.txt', halves)).toBe(6);

    expect((await storage.get('files/a/ü.txt'))?.toString()).toBe('second');
    const read = await storage.read('files/a/ü.txt');
    expect(read?.bytes).toBe(6);
    expect(await text(read?.stream ?? Readable.from([]))).toBe('second');
  });

  test('an object of many megabytes and an empty one come back to the last byte', async () => {
    const storage = await aStorage();
    const content = randomBytes(20 * 1024 * 1024 + 3);

    expect(await storage.put('large', inChunks(content))).toBe(content.length);
    expect(await storage.put('empty', Readable.from([]))).toBe(0);

    const read = await storage.read('large');
    expect((await buffer(read?.stream ?? Readable.from([]))).equals(content)).toBe(true);
    expect(await storage.get('empty')).toEqual(Buffer.alloc(0));
    const empty = await storage.read('empty');
    expect(empty?.bytes).toBe(0);
    expect(await text(empty?.stream ?? Readable.from(['x']))).toBe('');
  });

  test.each([
    [0, 0, '0'],
    [3, 6, '3456'],
    [9, 9, '9'],
    [0, 9, '0123456789'],
  ])('the bytes %i to %i are read alone, with the size of the whole', async (start, end, expected) => {
    const storage = await aStorage();
    await storage.put('digits', '0123456789');

    const read = await storage.read('digits', { start, end });

    expect(read?.bytes).toBe(10);
    expect(await text(read?.stream ?? Readable.from([]))).toBe(expected);
  });

  test('what is not there is null, and deleting it does nothing', async () => {
    const storage = await aStorage();
    await storage.put('files/a', 'x');

    expect(await storage.get('files/b')).toBeNull();
    expect(await storage.read('files/a/b')).toBeNull();
    expect(await storage.size('files/b')).toBeNull();
    expect(await storage.size('files/a')).toBe(1);
    await storage.delete('files/b');
    expect(await keysOf(storage, 'other/')).toEqual([]);
    expect(await keysOf(storage, 'files/')).toEqual(['files/a']);
  });

  test('of several who create an object at once one wins and its content stays', async () => {
    const storage = await aStorage();

    const created = await Promise.all(
      Array.from({ length: 8 }, async (_, at) =>
        (await storage.create('keys/k', `content ${at}`)) ? at : null,
      ),
    );

    const winners = created.filter((at) => at !== null);
    expect(winners).toHaveLength(1);
    expect((await storage.get('keys/k'))?.toString()).toBe(`content ${winners[0]}`);
  });

  test.each([1, 20 * 1024 * 1024])(
    'a body that breaks off after %i bytes leaves the older object alone',
    async (bytes) => {
      const storage = await aStorage();
      await storage.put('files/a', 'older');

      await expect(storage.put('files/a', brokenBody(bytes))).rejects.toThrow('connection lost');
      await expect(storage.put('files/b', brokenBody(bytes))).rejects.toThrow('connection lost');

      expect((await storage.get('files/a'))?.toString()).toBe('older');
      expect(await keysOf(storage, 'files/')).toEqual(['files/a']);
      expect(await storage.tidy(new Date(Date.now() + 60_000))).toBe(0);
    },
  );

  test('a list names every object below a prefix with its size and time, and nothing else', async () => {
    const storage = await aStorage();
    const before = Date.now();
    for (const key of ['t/1/b', 't/1/a/x', 't/10/c', 't/2/d', 'u']) await storage.put(key, key);

    expect(await keysOf(storage, 't/1/')).toEqual(['t/1/a/x', 't/1/b']);
    expect(await keysOf(storage, 't/1')).toEqual(['t/1/a/x', 't/1/b', 't/10/c']);
    for await (const { bytes, key, storedAt } of storage.list('t/')) {
      expect(bytes).toBe(key.length);
      // S3 tells seconds.
      expect(Math.abs(storedAt.getTime() - before)).toBeLessThan(5000);
    }
  });

  test('putting and deleting side by side loses nothing', async () => {
    const storage = await aStorage();

    await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        await storage.put(`t/shared/${at}`, `${at}`);
        if (at % 2 === 0) await storage.delete(`t/shared/${at}`);
      }),
    );

    expect(await keysOf(storage, 't/')).toHaveLength(20);
  });

  test.each([
    '',
    '/a',
    'a/',
    'a//b',
    '../a',
    'a/../b',
    '.',
    './a',
    '.hidden',
    'a\0b',
    'a\\b',
    'x'.repeat(256),
  ])('the key %o is refused', async (key) => {
    const storage = await aStorage();

    await expect((async () => storage.put(key, 'x'))()).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
    await expect((async () => storage.get(key))()).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
    await expect(keysOf(storage, `${key}/../`)).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
  });

  test('a tenant’s key and files lie there, and go with the tenant', async () => {
    const storage = await aStorage();
    const keys = createTenantKeys({ storage, wrapper: createSecretBox(randomBytes(32)), cacheMs: 1 });
    const files = createTenantFiles({ storage });
    const [tenantId, other] = [v7(), v7()];
    const [box] = await Promise.all([keys.create(tenantId), keys.create(other)]);
    for (const name of ['a', 'b/c']) await files.put(tenantId, name, Buffer.from('content'));
    await files.put(other, 'a', Buffer.from('content'));

    expect(await files.measure(tenantId)).toEqual({ files: 2, bytes: 14 });
    await keys.destroy(tenantId);
    await files.deleteAll(tenantId);
    await delay(2);

    expect(await keys.get(tenantId)).toBeNull();
    expect(box.openText(box.seal('x', 'y'), 'y')).toBe('x');
    expect(await files.measure(tenantId)).toEqual({ files: 0, bytes: 0 });
    await expect(files.put(tenantId, 'd', Buffer.from('late'))).rejects.toThrow('stores nothing any more');
    expect(await files.measure(other)).toEqual({ files: 1, bytes: 7 });
  });
});

async function* inChunks(content: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
}

async function* brokenBody(bytes: number): AsyncIterable<Uint8Array> {
  for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
  throw new Error('connection lost');
}

async function keysOf(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys.toSorted();
}
