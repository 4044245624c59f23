import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimPurge, purge } from '../purge/tenants.ts';
import { connect } from '../support/connection.ts';
import { eventually, openWorld } from '../support/world.ts';
import { aCabinet, type Cabinet } from './file-cabinet.ts';

const world = await openWorld();
// Who may see what the service's own connections do: it is the same role.
const login = await connect(world.database.loginUrl);
const openTransactions = () =>
  login(`select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`);
const arrivals = () => readdir(join(world.dataDir, 'storage/.arrivals'));

type Beginning = { bytes: number; declared: number | 'chunked' };

/** Begins an upload and sends some of it; it goes on, or does not, as a test likes. */
async function beginUpload(cabinet: Cabinet, { bytes, declared }: Beginning): Promise<Socket> {
  const { hostname, port, pathname, host } = new URL(cabinet.urlOf('a'));
  const socket = createConnection({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const length = declared === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${declared}`;
  const token = `authorization: Bearer ${cabinet.owner.accessToken}`;
  socket.write([`PUT ${pathname} HTTP/1.1`, `host: ${host}`, token, length, '', ''].join('\r\n'));
  const body = 'x'.repeat(bytes);
  socket.write(declared === 'chunked' ? `${bytes.toString(16)}\r\n${body}\r\n` : body);
  await eventually(async () => (await arrivals()).length > 0, 'the bytes arrive');
  return socket;
}

async function expectNothing(cabinet: Cabinet): Promise<void> {
  await eventually(async () => (await arrivals()).length === 0, 'what arrived is gone');
  expect(await cabinet.lying()).toEqual([]);
  expect(await cabinet.usage()).toEqual({ bytes: 0, files: 0 });
  expect(await cabinet.names()).toEqual([]);
}

test.each([1_000_000, 'chunked'] as const)(
  'an upload whose connection breaks half-way leaves neither bytes nor usage nor a file (length: %s)',
  async (declared) => {
    const cabinet = await aCabinet(world);
    const socket = await beginUpload(cabinet, { bytes: 500_000, declared });

    socket.destroy();

    await expectNothing(cabinet);
  },
);

test('an upload that ends early is refused, and leaves nothing', async () => {
  const cabinet = await aCabinet(world);
  const socket = await beginUpload(cabinet, { bytes: 500_000, declared: 1_000_000 });

  socket.end();

  await expectNothing(cabinet);
});

test('an upload holds no transaction open while its bytes come', async () => {
  const cabinet = await aCabinet(world);
  const socket = await beginUpload(cabinet, { bytes: 10, declared: 20 });

  // The worker's transactions end soon; one that waited for bytes would not.
  await expect.poll(async () => (await openTransactions()).length, { timeout: 5000 }).toBe(0);

  socket.destroy();
  await expectNothing(cabinet);
});

test.each<[string, (cabinet: Cabinet) => Promise<unknown>, number]>([
  [
    'the session ends',
    ({ owner }) => world.send('/api/auth/logout', { body: { refreshToken: owner.refreshToken } }),
    401,
  ],
  ['the project is removed', ({ client, projectId }) => client.projects.remove.mutate({ projectId }), 404],
  [
    'the tenant is suspended',
    ({ tenant }) =>
      world.operator.suspension.suspend.mutate({
        tenantId: tenant.id,
        trigger: 'customer_request',
        mode: 'read_only',
        note: 'a pause',
      }),
    403,
  ],
  ['the limit sinks', (cabinet) => cabinet.limit(15), 403],
])('when %s while the bytes come, they become no file', async (_what, happen, status) => {
  const cabinet = await aCabinet(world);
  const socket = await beginUpload(cabinet, { bytes: 10, declared: 20 });

  await happen(cabinet);

  expect(await finishUpload(socket)).toBe(status);
  expect(await cabinet.lying()).toEqual([]);
  expect(await cabinet.usage()).toEqual({ bytes: 0, files: 0 });
});

test('when the tenant is purged while the bytes come, nothing of them stays', async () => {
  const cabinet = await aCabinet(world, { sandbox: true });
  const socket = await beginUpload(cabinet, { bytes: 10, declared: 20 });

  await claimPurge(world, cabinet.tenant);
  await purge(world, cabinet.tenant);

  expect(await finishUpload(socket)).toBe(403);
  expect(await cabinet.lying()).toEqual([]);
  await eventually(async () => (await arrivals()).length === 0, 'what arrived is gone');
});

/** Sends the rest of what was begun with 10 of 20 bytes, and tells how it is answered. */
async function finishUpload(socket: Socket): Promise<number> {
  socket.write('y'.repeat(10));
  const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  socket.destroy();
  return Number(/^HTTP\/1.1 (\d+) /.exec(answer)?.[1]);
}
