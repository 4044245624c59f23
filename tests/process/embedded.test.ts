import { chown, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canEnter } from '../../src/infra/postgres/account.ts';
import { aDataDir } from '../infra/data-dirs.ts';
import { aLiveTenant, createProjects, listProjectNames, reach, registerPeople } from './load.ts';
import { launch, root, serve, serverOf } from './process.ts';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
const slow = { timeout: 60_000 };

test(
  'npm start comes up from nothing, and a SIGTERM under load loses nothing it answered',
  slow,
  async () => {
    const DATA_DIR = await aDataDir();
    const began = performance.now();
    const first = await serve({ DATA_DIR }, { command: ['npm', 'start'] });
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(first.output()).toContain(
      `npx tenantry call tenants.list --url ${first.url} --token ${first.token}`,
    );
    const tenantId = await aLiveTenant(first.client);
    const load = createProjects(first.client, tenantId, 16);
    await reach(load, 40);

    const { code, milliseconds } = await first.end('SIGTERM');
    await load.done;

    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(10_000);
    expect(load.answeredErrors).toEqual([]);
    expect(await serverOf(DATA_DIR)).toBeNull();
    const second = await serve({ DATA_DIR });
    const stored = await listProjectNames(second.client, tenantId);
    expect(load.created.filter((name) => !stored.has(name))).toEqual([]);
    expect((await second.end('SIGINT')).code).toBe(0);
  },
);

test('after kill -9 all is there, promised mails go out, and a second start is refused', slow, async () => {
  const DATA_DIR = await aDataDir();
  const killed = await serve({ DATA_DIR, ROLE: 'web' });
  const tenantId = await aLiveTenant(killed.client);
  const emails = await registerPeople(killed.url, 3);
  const load = createProjects(killed.client, tenantId, 16);
  await reach(load, 40);
  await killed.end('SIGKILL');
  await load.done;

  const next = await serve({ DATA_DIR });
  const refused = await launch({ DATA_DIR }).ended;

  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^DATA_DIR .* is in use: [^\n]*\n$/);
  const stored = await listProjectNames(next.client, tenantId);
  expect(load.created.filter((name) => !stored.has(name))).toEqual([]);
  await expect.poll(() => recipientsOf(DATA_DIR, emails), { timeout: 10_000 }).toEqual(emails);
  expect((await next.end('SIGTERM')).code).toBe(0);
});

test(
  'a port in use is one line and exit code 1, and the own PostgreSQL does not stay behind',
  slow,
  async () => {
    const DATA_DIR = await aDataDir();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const address = other.address();
    const PORT = String(address !== null && typeof address === 'object' ? address.port : 0);

    const ending = await launch({ DATA_DIR, PORT }).ended;

    const stderr = `port ${PORT} on 127.0.0.1 is in use: choose another with PORT\n`;
    expect(ending).toEqual({ code: 1, signal: null, stdout: '', stderr });
    expect(await serverOf(DATA_DIR)).toBeNull();
  },
);

// As an ordinary user every test above is this one. As root it needs a checkout that others can read.
test.runIf(isRoot && (await canEnter(nobody, root)))('it works as an ordinary user', slow, async () => {
  const DATA_DIR = await aDataDir();
  await chown(dirname(DATA_DIR), nobody.uid, nobody.gid);

  const service = await serve({ DATA_DIR }, { account: nobody });

  expect((await service.client.tenants.list.query()).items).toEqual([]);
  expect((await service.end('SIGTERM')).code).toBe(0);
});

async function recipientsOf(dataDir: string, among: readonly string[]): Promise<string[]> {
  const folder = join(dataDir, 'mail');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.eml'));
  const mails = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const recipients = mails.map((mail) => /^To: <?([^>\s]+)/m.exec(mail)?.[1] ?? '');
  return recipients.filter((address) => among.includes(address)).toSorted();
}
