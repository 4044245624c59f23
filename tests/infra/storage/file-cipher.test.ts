import { createDecipheriv, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createFileCipher } from '../../../src/infra/storage/file-cipher.ts';

const cipher = createFileCipher();
const plain = randomBytes(100_000);

test('what is covered is as long as what was plain, says nothing of it, and is uncovered by its key alone', async () => {
  const key = cipher.createKey();

  const covered = await cover(key, plain);

  expect(covered).toHaveLength(plain.length);
  expect(covered.equals(plain)).toBe(false);
  expect((await cover(key, covered)).equals(plain)).toBe(true);
  expect((await cover(cipher.createKey(), covered)).equals(plain)).toBe(false);
});

test('how bytes are cut into chunks makes no difference, and it is AES-256-CTR to others too', async () => {
  const key = cipher.createKey();

  const [whole, chopped] = [await cover(key, plain), await cover(key, plain, { chunk: 7 })];

  expect(chopped.equals(whole)).toBe(true);
  const other = createDecipheriv('aes-256-ctr', key, Buffer.alloc(16));
  expect(other.update(whole).equals(plain)).toBe(true);
});

test.each([0, 1, 15, 16, 17, 4095, 99_999])('reading may begin %i bytes into a file', async (from) => {
  const key = cipher.createKey();
  const covered = await cover(key, plain);

  const rest = await cover(key, covered.subarray(from), { from });

  expect(rest.equals(plain.subarray(from))).toBe(true);
});

function cover(key: Uint8Array, bytes: Buffer, { chunk = bytes.length, from = 0 } = {}): Promise<Buffer> {
  return buffer(Readable.from(cipher.cover(key, inChunks(bytes, chunk), from)));
}

async function* inChunks(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
