import { readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { aCabinet } from './file-cabinet.ts';

const world = await openWorld();
const cabinet = await aCabinet(world);
const digits = '0123456789'.repeat(10_000);
const { body: stored } = await cabinet.put('digits', digits, { headers: { 'content-type': 'text/plain' } });
await cabinet.put('empty', '');

test.each([
  ['bytes=0-9', 0, 9],
  ['bytes=5-5', 5, 5],
  ['bytes=15-33', 15, 33],
  ['bytes=99990-', 99_990, 99_999],
  ['bytes=-7', 99_993, 99_999],
  ['bytes=-200000', 0, 99_999],
  ['bytes=99999-1000000', 99_999, 99_999],
  ['BYTES=16-17', 16, 17],
])('%s answers with those bytes', async (range, start, end) => {
  const answer = await cabinet.get('digits', { range });

  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end}/100000`);
  expect(answer.headers.get('content-length')).toBe(String(end - start + 1));
  expect(answer.bytes.toString()).toBe(digits.slice(start, end + 1));
});

test.each([
  ['digits', 'bytes=100000-'],
  ['digits', 'bytes=-0'],
  ['empty', 'bytes=0-'],
  ['empty', 'bytes=-5'],
])('of %s there is no %s', async (name, range) => {
  const answer = await cabinet.get(name, { range });

  expect(answer).toMatchObject({ status: 416, body: { status: 416 } });
  expect(answer.headers.get('content-range')).toBe(`bytes */${name === 'empty' ? 0 : 100_000}`);
});

test.each(['bytes=5-2', 'bytes=a-b', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=-', '0-5'])(
  'the range %o is answered with all of it',
  async (range) => {
    const answer = await cabinet.get('digits', { range });

    expect(answer.status).toBe(200);
    expect(answer.bytes).toHaveLength(100_000);
  },
);

test('a range is for the version that it was meant of', async () => {
  const range = 'bytes=0-4';
  const modified = (await cabinet.get('digits')).headers.get('last-modified') ?? '';

  expect((await cabinet.get('digits', { range, 'if-range': stored.etag })).status).toBe(206);
  expect((await cabinet.get('digits', { range, 'if-range': modified })).status).toBe(206);
  expect((await cabinet.get('digits', { range, 'if-range': '"another"' })).status).toBe(200);
  expect((await cabinet.get('digits', { range, 'if-range': `W/${stored.etag}` })).status).toBe(200);
});

test('what a reader has already is not sent again', async () => {
  const { etag } = stored;
  const past = 'Wed, 01 Jan 2020 00:00:00 GMT';
  const future = 'Wed, 01 Jan 2120 00:00:00 GMT';
  const statusFor = async (headers: Record<string, string>) => (await cabinet.get('digits', headers)).status;

  const unchanged = await cabinet.get('digits', { 'if-none-match': `"other", W/${etag}` });
  expect(unchanged.status).toBe(304);
  expect(unchanged.headers.get('etag')).toBe(etag);
  expect(unchanged.bytes).toHaveLength(0);
  expect(await statusFor({ 'if-none-match': '*' })).toBe(304);
  expect(await statusFor({ 'if-none-match': '"other"' })).toBe(200);
  expect(await statusFor({ 'if-modified-since': future })).toBe(304);
  expect(await statusFor({ 'if-modified-since': past })).toBe(200);
  expect(await statusFor({ 'if-modified-since': future, 'if-none-match': '"other"' })).toBe(200);
  expect(await statusFor({ 'if-modified-since': 'yesterday' })).toBe(200);
  expect(await statusFor({ 'if-match': etag })).toBe(200);
  expect(await statusFor({ 'if-match': '"other"' })).toBe(412);
  expect(await statusFor({ 'if-unmodified-since': past })).toBe(412);
  expect(await statusFor({ 'if-unmodified-since': future })).toBe(200);
});

test('HEAD tells of a file what GET would, and sends nothing of it', async () => {
  const head = await cabinet.send('HEAD', 'digits');
  const get = await cabinet.get('digits');

  expect(head.status).toBe(200);
  expect(head.bytes).toHaveLength(0);
  for (const name of ['content-length', 'content-type', 'etag', 'last-modified', 'content-disposition']) {
    expect(head.headers.get(name), name).toBe(get.headers.get(name));
  }
  expect((await cabinet.send('HEAD', 'nothing')).status).toBe(404);
});

test.each(['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/javascript'])(
  'a file that calls itself %s is saved and not run',
  async (type) => {
    await cabinet.put('page', '<script>alert(1)</script>', { headers: { 'content-type': type } });

    const { headers } = await cabinet.get('page');

    expect(headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(headers.get('cache-control')).toBe('private, no-cache');
  },
);

test.each([
  '',
  'text',
  'text/',
  'text/plain; charset',
  'text/plain\tx',
  'a/b;c="\\"',
  `x/${'y'.repeat(300)}`,
])('what calls itself %o is served as bytes', async (type) => {
  await cabinet.put('odd', 'x', { headers: { 'content-type': type } });

  expect((await cabinet.get('odd')).headers.get('content-type')).toBe('application/octet-stream');
});

test('a download that its reader leaves lets go of what it reads', async () => {
  await cabinet.put('large', Buffer.alloc(30_000_000));
  const headers = { authorization: `Bearer ${cabinet.owner.accessToken}` };
  const before = openFiles();

  for (let count = 0; count < 5; count += 1) {
    const controller = new AbortController();
    const response = await fetch(cabinet.urlOf('large'), { headers, signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
  }

  await expect.poll(openFiles, { timeout: 5000 }).toBeLessThanOrEqual(before);
  await cabinet.remove('large');
});

test('bytes that were altered where they lie break off before their end', async () => {
  await cabinet.put('altered', 'x'.repeat(200_000));
  const [name = ''] = await cabinet.placesOf(200_000);
  await world.ports.files.put(cabinet.tenant.id, name, Buffer.alloc(200_000, 7));

  await expect(cabinet.get('altered')).rejects.toThrow();
});

/** How many stored files this process, which is the service too, has open. */
function openFiles(): number {
  if (process.platform !== 'linux') return 0;
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.includes(`${world.dataDir}/storage/`)).length;
}
