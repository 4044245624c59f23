import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { send } from '../support/http.ts';
import { aDatabase, on, run } from './database.ts';
import { asOwner, count } from './due-tenants.ts';
import { aLiveTenant, createProjects, listProjectNames, reach, registerPeople } from './load.ts';
import { aMailServer } from './mail-server.ts';
import { serve } from './process.ts';

const slow = { timeout: 60_000 };

/** What processes of one deployment have in common. */
function aDeployment() {
  return {
    PUBLIC_URL: 'http://tenantry.example',
    SECRET_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_OPERATOR_TOKEN: 'operator-of-the-test',
  };
}

test(
  'web takes requests and worker sends the mails, and a session ended at one is ended at the other',
  slow,
  async () => {
    const deployment = { ...aDeployment(), ...on(await aDatabase()) };
    const [webDir, workerDir] = [await aDataDir(), await aDataDir()];
    Object.assign(deployment, { STORAGE_URL: `file://${webDir}/storage` });
    const [web, other, worker] = await Promise.all([
      serve({ ...deployment, ROLE: 'web', DATA_DIR: webDir }),
      serve({ ...deployment, ROLE: 'web', DATA_DIR: webDir }),
      serve({ ...deployment, ROLE: 'worker', DATA_DIR: workerDir }),
    ]);
    const body = {
      email: 'olive@mail.example',
      password: 'seven purple herons drift west',
      name: 'O',
      tenantName: 'O',
    };
    const { accessToken, tenant, user } = (await send(web.url, '/api/auth/register', { body })).body;
    const meThere = async () => (await send(other.url, '/api/auth/me', { token: accessToken })).status;
    expect(await meThere()).toBe(200);
    await expect.poll(() => mailsIn(workerDir), { timeout: 10_000 }).toBe(1);
    expect(await mailsIn(webDir)).toBe(0);

    await web.client.directory.users.deactivate.mutate({ tenantId: tenant.id, userId: user.id });

    expect(await meThere()).toBe(401);
    expect((await send(worker.url, '/api/auth/me', { token: accessToken })).status).toBe(404);
    const endings = await Promise.all([web, other, worker].map((each) => each.end('SIGTERM')));
    expect(endings.map(({ code }) => code)).toEqual([0, 0, 0]);
  },
);

test('a mail that a mail server refused, and whose process was killed, goes out once', slow, async () => {
  const database = await aDatabase();
  const mailServer = await aMailServer();
  const settings = {
    ...aDeployment(),
    ...on(database),
    DATA_DIR: await aDataDir(),
    SMTP_URL: mailServer.url,
  };
  mailServer.refuse(true);
  const killed = await serve(settings);
  const emails = await registerPeople(killed.url, 2);
  await expect.poll(() => mailServer.refused(), { timeout: 10_000 }).toBe(2);
  // What a worker was at when it was killed goes to another only when its heartbeat is missed.
  const owner = await asOwner(database);
  const refused = `select count(*)::int as count from pgboss.job where name = 'mail.send' and state = 'retry'`;
  await expect.poll(() => count(owner, refused), { timeout: 10_000 }).toBe(2);
  await killed.end('SIGKILL');
  mailServer.refuse(false);

  const [next, another] = await Promise.all([serve(settings), serve(settings)]);
  // A refused mail is tried again after a while; the while is over.
  const soon = `update pgboss.job set start_after = now() - interval '1 second' where state = 'retry'`;
  await expect
    .poll(
      async () => {
        await run(database.ownerUrl, soon);
        return mailServer.recipients();
      },
      { timeout: 15_000 },
    )
    .toEqual(emails);

  await Promise.all([next.end('SIGTERM'), another.end('SIGTERM')]);
  expect(mailServer.recipients()).toEqual(emails);
  expect(new Set(mailServer.mails.map(({ messageId }) => messageId)).size).toBe(2);
});

test('SIGTERM in the middle of sixteen clients loses nothing that was answered', slow, async () => {
  const settings = { ...aDeployment(), ...on(await aDatabase()), DATA_DIR: await aDataDir() };
  const [ended, left] = await Promise.all([serve(settings), serve(settings)]);
  const tenantId = await aLiveTenant(left.client);
  const load = createProjects(ended.client, tenantId, 16);
  await reach(load, 60);

  const { code, milliseconds, stderr } = await ended.end('SIGTERM');
  await load.done;

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(milliseconds).toBeLessThan(10_000);
  expect(load.answeredErrors).toEqual([]);
  const stored = await listProjectNames(left.client, tenantId);
  expect(load.created.filter((name) => !stored.has(name))).toEqual([]);
});

async function mailsIn(dataDir: string): Promise<number> {
  const files = await readdir(join(dataDir, 'mail')).catch(() => []);
  return files.filter((file) => file.endsWith('.eml')).length;
}
