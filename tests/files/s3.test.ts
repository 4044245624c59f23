import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { claimPurge, purge } from '../purge/tenants.ts';
import { startS3Server } from '../support/s3-server.ts';
import { openWorld } from '../support/world.ts';
import { aCabinet } from './file-cabinet.ts';

const server = await startS3Server();
const { bucket } = await server.aBucket();
const world = await openWorld({
  env: { STORAGE_URL: `s3://${bucket}?endpoint=${server.endpoint}&prefix=prod` },
});
// After the world, which asks it while it ends.
afterAll(() => server.stop());

test('files on an S3 server are stored, read in whole and in part, replaced and removed', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 30_000_000 });
  const large = randomBytes(20_000_000);

  expect((await cabinet.put('large', large)).status).toBe(201);
  expect((await cabinet.get('large')).bytes.equals(large)).toBe(true);
  const part = await cabinet.get('large', { range: 'bytes=9999999-10000009' });
  expect(part.bytes.equals(large.subarray(9_999_999, 10_000_010))).toBe(true);
  expect((await cabinet.put('more', large)).status).toBe(403);
  expect((await cabinet.put('large', 'small', { streamed: true })).status).toBe(200);

  expect(await cabinet.usage()).toEqual({ bytes: 5, files: 1 });
  await cabinet.settled(1);
  await cabinet.remove('large');
  await cabinet.settled(0);
});

test('an upload to an S3 server that is refused on its way takes its parts back', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 19_000_000 });
  server.requests.length = 0;

  const answer = await cabinet.put('a', randomBytes(20_000_000), { streamed: true });

  expect(answer.body).toMatchObject({ reason: 'PLAN_LIMIT_REACHED' });
  expect(server.requests.filter((request) => request.includes('partNumber='))).not.toEqual([]);
  expect(server.requests.findLast((request) => request.includes('uploadId='))).toMatch(/^DELETE /);
  expect(await cabinet.lying()).toEqual([]);
});

test('the nightly comparison finds on an S3 server what it finds in a folder', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  for (const name of ['lost', 'well']) await cabinet.put(name, name);
  await cabinet.put('short', 'short');
  const [lost = ''] = await cabinet.placesOf(4);
  await world.ports.files.delete(cabinet.tenant.id, lost);
  const stray = `projects/${cabinet.projectId}/${crypto.randomUUID()}`;
  await world.ports.files.put(cabinet.tenant.id, stray, Buffer.from('stranded'));

  await cabinet.compare(new Date(Date.now() + 3 * 3_600_000));

  expect(await cabinet.lying()).toEqual([4, 5]);
  const { items } = await cabinet.client.audit.list.query({ action: 'storage.damaged' });
  expect(items.map(({ details }) => details['damaged'])).toEqual([
    [{ fileId: lost.split('/').at(-1), expectedBytes: 4, storedBytes: null }],
  ]);
});

test('a purge counts and deletes what a tenant has on an S3 server, its key first of all', async () => {
  const cabinet = await aCabinet(world, { sandbox: true });
  const other = await aCabinet(world);
  await cabinet.put('a', 'canary');
  await other.put('a', 'stays');

  await claimPurge(world, cabinet.tenant);
  await purge(world, cabinet.tenant);

  const { id: tenantId } = cabinet.tenant;
  expect(await world.operator.offboarding.certificate.query({ tenantId })).toMatchObject({
    files: 1,
    bytes: 6,
  });
  expect(await world.ports.tenantKeys.get(tenantId)).toBeNull();
  expect(await cabinet.lying()).toEqual([]);
  expect((await other.get('a')).bytes.toString()).toBe('stays');
});
