import { chown } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canEnter } from '../../src/infra/postgres/account.ts';
import { aDataDir } from '../infra/data-dirs.ts';
import { aLiveTenant, createProjects, listProjectNames, reach } from './load.ts';
import { launch, root, serve, serverOf } from './process.ts';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
const slow = { timeout: 60_000 };

test('npm start comes up from nothing, and a SIGTERM under load loses nothing it answered', slow, async () => {
  const DATA_DIR = await aDataDir();
  const began = performance.now();
  const first = await serve({ DATA_DIR }, { command: ['npm', 'start'] });
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(first.output()).toContain(`npx tenantry call tenants.list --url ${first.url} --token ${first.token}`);
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
});

test('after kill -9 all is there, promised mails go out once, and a second start is refused', slow, async () => {
  const DATA_DIR = await aDataDir();
  const killed = await serve({ DATA_DIR, ROLE: 'web' });
  const tenantId = await aLiveTenant(killed.client);
  const load = createProjects(killed.client, tenantId, 16);
  await reach(load, 40);
  await killed.end('SIGKILL');
  await load.done;
  expect(await readMails(DATA_DIR)).toEqual([]);

  const next = await serve({ DATA_DIR });
  const refused = await launch({ DATA_DIR }).ended;

  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^DATA_DIR .* is in use: [^\n]*\n$/);
  const stored = await listProjectNames(next.client, tenantId);
  expect(load.created.filter((name) => !stored.has(name))).toEqual([]);
  await expect.poll(() => readMails(DATA_DIR), { timeout: 10_000 }).not.toEqual([]);
  await next.end('SIGTERM');
});
