import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, utimes } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJobs } from '../../src/db/jobs.ts';
import { aDataDir } from '../infra/data-dirs.ts';
import { aDatabase, on } from '../process/database.ts';
import { serve, type Serving } from '../process/process.ts';

const isLong = Boolean(process.env['LONG']);

type Place = { tenantId: string; projectId: string };

async function aProject({ client }: Serving): Promise<Place> {
  const wanted = { name: 'T', slug: 'files-go-here', plan: 'starter', adminEmail: 'o@t.example' } as const;
  const { id: tenantId } = await client.tenants.create.mutate(wanted);
  return { tenantId, projectId: (await client.projects.create.mutate({ tenantId, name: 'P' })).id };
}

function put({ url, token }: Serving, { tenantId, projectId }: Place, bytes: number) {
  const headers = { authorization: `Bearer ${token}`, 'content-length': bytes };
  return request(`${url}/api/projects/${projectId}/files/a?tenantId=${tenantId}`, { method: 'PUT', headers });
}

test(
  'an upload to a server that is killed leaves nothing, once the night has passed',
  { timeout: 60_000 },
  async () => {
    const database = await aDatabase();
    const settings = { ...on(database), DATA_DIR: await aDataDir() };
    const arrivals = join(settings.DATA_DIR, 'storage/.arrivals');
    const killed = await serve(settings);
    const place = await aProject(killed);
    const upload = put(killed, place, 1_000_000);
    upload.on('error', () => undefined).write(Buffer.alloc(500_000));
    await expect.poll(() => readdir(arrivals).catch(() => []), { timeout: 5000 }).toHaveLength(1);
    await killed.end('SIGKILL');

    const next = await serve(settings);
    for (const name of await readdir(arrivals)) await utimes(join(arrivals, name), 0, 0);
    const jobs = openJobs(database.loginUrl, { supervise: false });
    await jobs.start();
    await jobs.send('storage.compare', {});
    await jobs.stop({ graceful: false });

    await expect.poll(() => readdir(arrivals), { timeout: 10_000 }).toEqual([]);
    expect((await next.client.projects.files.query(place)).items).toEqual([]);
    expect(await readdir(join(settings.DATA_DIR, 'storage/tenants')).catch(() => [])).toEqual([]);
  },
);

test.runIf(isLong)(
  'the memory of the server is the same for 400 MB as for 40',
  { timeout: 60_000 },
  async () => {
    const server = await serve({ ...on(await aDatabase()), DATA_DIR: await aDataDir() });
    const place = await aProject(server);

    await inAndOut(server, place, 40);
    const before = await mostMemory(server);
    await inAndOut(server, place, 400);

    expect((await mostMemory(server)) - before).toBeLessThan(25_000_000);
  },
);

/** Uploads and downloads so many megabytes. */
async function inAndOut(server: Serving, place: Place, megabytes: number): Promise<void> {
  const chunk = randomBytes(1_000_000);
  const upload = put(server, place, megabytes * chunk.length);
  for (let sent = 0; sent < megabytes; sent += 1) {
    if (!upload.write(chunk)) await once(upload, 'drain');
  }
  upload.end();
  const [answer] = await once(upload, 'response');
  answer.resume();
  const path = `/api/projects/${place.projectId}/files/a?tenantId=${place.tenantId}`;
  const read = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } });
  let bytes = 0;
  for await (const part of read.body ?? []) bytes += part.length;
  expect(bytes).toBe(megabytes * chunk.length);
}

/** The most memory that a process has had at any time, in bytes. */
async function mostMemory({ child }: Serving): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
