import { CreateMultipartUploadCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openStorage } from '../../../src/infra/storage/open-storage.ts';
import { aBucketAt, anS3Server } from '../../support/s3-server.ts';

const megabyte = 1024 * 1024;

test('a large object is sent in parts, and one that breaks off takes its parts back', async () => {
  const server = await anS3Server();
  const storage = await openStorage(await server.aBucket());
  await storage.put('whole', bodyOf(20 * megabyte));
  const parts = server.requests.filter((request) => request.includes('partNumber='));
  expect(parts).toHaveLength(3);

  server.requests.length = 0;
  await expect(storage.put('broken', bodyOf(20 * megabyte, true))).rejects.toThrow('connection lost');

  expect(server.requests.at(-1)).toMatch(/^DELETE \/.*\/broken\?.*uploadId=/);
});

test('a server that does not honour If-None-Match on a put is refused', async () => {
  const server = await anS3Server({ conditionalPuts: false });

  await expect(openStorage(await server.aBucket())).rejects.toThrow(
    /^STORAGE_URL: cannot use the bucket t-.* at http:\/\/127\.0\.0\.1:\d+: its server does not honour If-None-Match/,
  );
});

test('a bucket that is not there, and a server that is not there, are refused with one line', async () => {
  const server = await anS3Server();
  const place = await server.aBucket();

  await expect(openStorage({ ...place, bucket: 'another' })).rejects.toThrow(
    /^STORAGE_URL: cannot use the bucket another at http:[^\n]*bucket does not exist/,
  );
  await expect(openStorage({ ...place, endpoint: 'http://127.0.0.1:9' })).rejects.toThrow(
    /^STORAGE_URL: cannot use the bucket t-[^\n]*ECONNREFUSED/,
  );
});

const peer = process.env['S3_TEST_URL'];
if (!peer) console.warn('not run: S3_TEST_URL names no second S3 server, with versions and lists of uploads');

test.skipIf(!peer)('a bucket that keeps old versions is refused', async () => {
  const place = await aBucketAt(peer ?? '');
  const client = new S3Client({ endpoint: peer ?? '', region: 'us-east-1', forcePathStyle: true });
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await client.send(new PutBucketVersioningCommand({ Bucket: place.bucket, VersioningConfiguration }));

  await expect(openStorage(place)).rejects.toThrow('it keeps old versions of objects');
});

test.skipIf(!peer)('tidying aborts uploads begun before a moment, below its own prefix', async () => {
  const place = await aBucketAt(peer ?? '', 'prod/');
  const storage = await openStorage(place);
  const client = new S3Client({ endpoint: peer ?? '', region: 'us-east-1', forcePathStyle: true });
  for (const Key of ['prod/a', 'test/b']) {
    await client.send(new CreateMultipartUploadCommand({ Bucket: place.bucket, Key }));
  }

  expect(await storage.tidy(new Date(0))).toBe(0);
  expect(await storage.tidy(new Date(Date.now() + 3_600_000))).toBe(1);
  expect(await storage.tidy(new Date(Date.now() + 3_600_000))).toBe(0);
});

async function* bodyOf(bytes: number, breaks = false): AsyncIterable<Uint8Array> {
  for (let left = bytes; left > 0; left -= megabyte) yield Buffer.alloc(Math.min(left, megabyte), 7);
  if (breaks) throw new Error('connection lost');
}
