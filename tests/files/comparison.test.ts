import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { aCabinet, type Cabinet } from './file-cabinet.ts';

const world = await openWorld({ env: { ROLE: 'web' } });

const hoursLater = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const idOf = (place: string) => place.split('/').at(-1);
const findings = async ({ client }: Cabinet) =>
  (await client.audit.list.query({})).items
    .filter(({ action }) => action.startsWith('storage.'))
    .map(({ action, details }) => ({ action, details }));

test('where all is as it should be the nightly comparison changes and says nothing', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1_000_000 });
  for (const name of ['a', 'b', 'c']) await cabinet.put(name, name.repeat(100));

  await cabinet.compare(hoursLater(24));

  expect(await findings(cabinet)).toEqual([]);
  expect(await cabinet.lying()).toEqual([100, 100, 100]);
  expect(await cabinet.usage()).toEqual({ bytes: 300, files: 3 });
});

test('usage that is not what the files come to is made so', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  await cabinet.put('a', 'x'.repeat(600));
  await world.inTenant(cabinet.tenant.id, ({ em }) =>
    em.execute(`update storage_usage set bytes = 1000, files = 7`),
  );
  expect((await cabinet.put('b', 'x')).status).toBe(403);

  await cabinet.compare();

  expect(await cabinet.usage()).toEqual({ bytes: 600, files: 1 });
  expect(await findings(cabinet)).toEqual([
    {
      action: 'storage.repaired',
      details: { noted: { bytes: 1000, files: 7 }, counted: { bytes: 600, files: 1 } },
    },
  ]);
  expect((await cabinet.put('b', 'x'.repeat(400))).status).toBe(201);
});

test('bytes that no file claims go when no upload can claim them any more, and not before', async () => {
  const cabinet = await aCabinet(world);
  await cabinet.put('a', 'xyz');
  const stray = `projects/${cabinet.projectId}/${crypto.randomUUID()}`;
  await world.ports.files.put(cabinet.tenant.id, stray, Buffer.from('stranded'));

  await cabinet.compare(hoursLater(1.9));
  expect(await cabinet.lying()).toEqual([3, 8]);
  await cabinet.compare(hoursLater(2.1));

  expect(await cabinet.lying()).toEqual([3]);
  expect((await cabinet.get('a')).bytes.toString()).toBe('xyz');
});

test('files whose bytes are missing or of another size are reported, and stay', async () => {
  const cabinet = await aCabinet(world);
  for (const name of ['lost', 'short', 'well']) await cabinet.put(name, name.repeat(10));
  const [lost = '', well = ''] = await cabinet.placesOf(40);
  const [short = ''] = await cabinet.placesOf(50);
  await world.ports.files.delete(cabinet.tenant.id, lost);
  await world.ports.files.put(cabinet.tenant.id, short, Buffer.from('cut'));

  await cabinet.compare();

  expect(await findings(cabinet)).toEqual([
    {
      action: 'storage.damaged',
      details: {
        files: 2,
        damaged: [
          { fileId: idOf(short), expectedBytes: 50, storedBytes: 3 },
          { fileId: idOf(lost), expectedBytes: 40, storedBytes: null },
        ],
      },
    },
  ]);
  expect(await cabinet.names()).toEqual(['lost', 'short', 'well']);
  await cabinet.compare();
  const { items } = await world.operator.tasks.list.query({ tenantId: cabinet.tenant.id });
  expect(items).toMatchObject([{ kind: 'storage_review', priority: 'P1', owner: 'engineering' }]);
  expect(well).not.toBe('');
});

test('files that come and go while it runs are neither deleted nor reported', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1_000_000 });
  for (let at = 0; at < 20; at += 1) await cabinet.put(`file ${at}`, 'x'.repeat(at));
  const evening = new AbortController();
  const work = async (part: number) => {
    for (let at = 0; !evening.signal.aborted; at += 1) {
      await cabinet.put(`file ${part}${at % 3}`, 'y'.repeat(at));
      if (at % 3 === 2) await cabinet.remove(`file ${part}${at % 3}`);
    }
  };
  const workers = [work(100), work(200)];

  for (let night = 0; night < 5; night += 1) {
    await cabinet.compare();
    await delay(20);
  }
  evening.abort();
  await Promise.all(workers);

  expect(await findings(cabinet)).toEqual([]);
  const { items } = await cabinet.client.projects.files.query({ projectId: cabinet.projectId, limit: 200 });
  expect(await cabinet.usage()).toEqual({
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    files: items.length,
  });
});
