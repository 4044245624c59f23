import { createConnection } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockAgainstWriters } from '../../src/actions/locks.ts';
import { connect } from '../support/connection.ts';
import { eventually, mailTo, openWorld } from '../support/world.ts';
import { aCabinet, type Cabinet, type Sent } from './file-cabinet.ts';

const world = await openWorld();

const login = await connect(world.database.loginUrl);
const x = (bytes: number) => 'x'.repeat(bytes);

test.each([true, false])('up to the limit and not a byte more is stored (length said: %o)', async (said) => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  const put = (name: string, bytes: number) => cabinet.put(name, x(bytes), { streamed: !said });

  expect((await put('below', 999)).status).toBe(201);
  expect(await put('above', 2)).toMatchObject({
    status: 403,
    body: { reason: 'PLAN_LIMIT_REACHED', limit: 'storageBytes', allowed: 1000, used: 999 },
  });
  expect((await put('at', 1)).status).toBe(201);
  expect((await put('empty', 0)).status).toBe(201);
  expect((await put('one more', 1)).status).toBe(403);

  expect(await cabinet.usage()).toEqual({ bytes: 1000, files: 3 });
  expect(await cabinet.lying()).toEqual([0, 1, 999]);
});

test('a file in the place of another needs room for the difference alone', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  await cabinet.put('a', x(600));
  await cabinet.put('b', x(300));

  expect((await cabinet.put('a', x(701))).status).toBe(403);
  expect((await cabinet.put('a', x(700))).status).toBe(200);
  expect((await cabinet.put('a', x(700))).status).toBe(200);
  expect((await cabinet.put('a', x(100))).status).toBe(200);
  expect((await cabinet.put('b', x(900))).status).toBe(200);

  expect(await cabinet.usage()).toEqual({ bytes: 1000, files: 2 });
});

test('what is removed is free at once, a project’s files too', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  await cabinet.put('a', x(1000));
  expect((await cabinet.put('b', x(1000))).status).toBe(403);

  await cabinet.remove('a');

  expect((await cabinet.put('b', x(1000))).status).toBe(201);
  const { id } = await cabinet.client.projects.create.mutate({ name: 'Q' });
  await cabinet.client.projects.remove.mutate({ projectId: cabinet.projectId });
  const again = await cabinet.put('c', x(1000), { project: id });
  expect(again.status).toBe(201);
});

test('of 64 uploads at once exactly as many are stored as fit', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });

  const answers = await Promise.all(Array.from({ length: 64 }, (_, at) => cabinet.put(`file ${at}`, x(300))));

  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  const refused = answers.filter(({ status }) => status === 403);
  expect(refused).toHaveLength(61);
  for (const { body } of refused) {
    expect(body).toMatchObject({ reason: 'PLAN_LIMIT_REACHED', limit: 'storageBytes', allowed: 1000 });
  }
  expect(await cabinet.usage()).toEqual({ bytes: 900, files: 3 });
  expect(await cabinet.lying()).toEqual([300, 300, 300]);
});

test('zero is a limit, and no limit is none', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 0 });
  expect((await cabinet.put('a', x(1))).status).toBe(403);

  await cabinet.limit(null);

  expect((await cabinet.put('a', x(100_000))).status).toBe(201);
});

test('who is over a limit that has sunk stores nothing more, and may remove and make smaller', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  await cabinet.put('a', x(600));
  await cabinet.put('b', x(300));
  await cabinet.limit(500);

  expect((await cabinet.put('c', x(1))).status).toBe(403);
  expect((await cabinet.put('a', x(601))).status).toBe(403);
  expect((await cabinet.put('a', x(599))).status).toBe(200);
  expect((await cabinet.remove('b')).status).toBe(204);
  expect(await cabinet.usage()).toEqual({ bytes: 599, files: 1 });
});

test.each<[string, (cabinet: Cabinet) => Promise<Sent>, number]>([
  ['stores', (cabinet) => cabinet.put('b', x(500)), 403],
  ['replaces', (cabinet) => cabinet.put('a', x(900)), 403],
  ['removes', (cabinet) => cabinet.remove('a'), 204],
])('who %s while a limit changes is held to the new one', async (_what, write, status) => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  await cabinet.put('a', x(400));
  let written: Promise<Sent> | undefined;

  await world.inTenant(cabinet.tenant.id, async (scope) => {
    await lockAgainstWriters(scope);
    await scope.em.execute(`update tenants set limit_storage_bytes = 500`);
    written = write(cabinet);
    // It has come to the lock, and waits there.
    await eventually(async () => {
      const waiting = await login(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    }, 'the writer waits');
  });

  expect((await written)?.status).toBe(status);
  expect(await cabinet.usage()).toEqual(status === 204 ? { bytes: 0, files: 0 } : { bytes: 400, files: 1 });
});

test('what cannot fit is refused by what it says of itself, before its bytes are sent', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });

  const answer = await askToSend(cabinet.urlOf('a'), cabinet.owner.accessToken, 50_000_000);

  expect(answer).toMatch(/^HTTP\/1.1 403 /);
  expect(answer).toContain('"reason":"PLAN_LIMIT_REACHED"');
});

test('who asks before sending is told to go on only where there is room', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });
  const ask = (bytes: number) => askToSend(cabinet.urlOf('a'), cabinet.owner.accessToken, bytes, true);

  expect(await ask(1000)).toMatch(/^HTTP\/1.1 100 Continue/);
  expect(await ask(1001)).toMatch(/^HTTP\/1.1 403 /);
});

test('the admins hear of 80 and 100 % of the storage once for each crossing', async () => {
  const cabinet = await aCabinet(world);
  const tenantId = cabinet.tenant.id;
  const agreed = { limits: { storageBytes: 1000 }, note: 'a small store' };
  await world.operator.plans.setOverrides.mutate({ tenantId, ...agreed });
  const told = () =>
    world.inTenant(tenantId, async ({ em }) => {
      const mails = await em.execute<{ occurrence: string }[]>(
        `select distinct occurrence, promised_at from notifications where tenant_id = ? and mail = 'usage_notice'
         order by promised_at`,
        [tenantId],
      );
      return mails.map(({ occurrence }) => occurrence.split(' ').slice(0, 2).join(' '));
    });
  const steps: readonly [() => Promise<Sent>, readonly string[]][] = [
    [() => cabinet.put('a', x(799)), []],
    [() => cabinet.put('b', x(1)), ['storageBytes 80']],
    [() => cabinet.put('c', x(199)), []],
    [() => cabinet.put('d', x(2)), []],
    [() => cabinet.put('d', x(1)), ['storageBytes 100']],
    [() => cabinet.put('a', x(799)), []],
    [() => cabinet.remove('c'), []],
    [() => cabinet.put('c', x(199)), ['storageBytes 100']],
    [() => cabinet.remove('a'), []],
    [() => cabinet.put('a', x(799)), ['storageBytes 100']],
  ];

  const expected: string[] = [];
  for (const [step, mails] of steps) {
    await step();
    expected.push(...mails);
    expect(await told()).toEqual(expected);
  }
  await mailTo(world, cabinet.tenant.ownerEmail, /uses 100 % of what its plan allows/);
});

test('no file is larger than 5 GB', async () => {
  const cabinet = await aCabinet(world);

  const answer = await askToSend(cabinet.urlOf('a'), cabinet.owner.accessToken, 5_000_000_001);

  expect(answer).toMatch(/^HTTP\/1.1 413 /);
});

test('who sends what does not fit gets to read why, and its connection goes on', async () => {
  const cabinet = await aCabinet(world, { limitBytes: 1000 });

  for (const streamed of [true, false, true]) {
    const answer = await cabinet.put('a', x(10_000_000), { streamed });
    expect(answer).toMatchObject({ status: 403, body: { reason: 'PLAN_LIMIT_REACHED' } });
  }

  // As long as the server waits for a sender to finish.
  await delay(600);
  expect((await cabinet.put('b', 'x')).status).toBe(201);
  expect(await cabinet.lying()).toEqual([1]);
});

/** Says that so many bytes will come, sends none, and tells what is answered. */
async function askToSend(url: string, token: string, bytes: number, first = false): Promise<string> {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const lines = [`PUT ${pathname} HTTP/1.1`, `host: ${host}`, `authorization: Bearer ${token}`];
  if (first) lines.push('expect: 100-continue');
  socket.write([...lines, `content-length: ${bytes}`, '', ''].join('\r\n'));
  const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  socket.destroy();
  return answer;
}
