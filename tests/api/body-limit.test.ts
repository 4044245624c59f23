import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';

const world = await openWorld();

test.each([
  { path: '/api/auth/login', body: { status: 413, title: 'Body too large' } },
  { path: '/trpc/tenants.create', body: { error: { data: { code: 'PAYLOAD_TOO_LARGE', httpStatus: 413 } } } },
])(
  'a body of 30 MB to $path is refused with 413 that its sender gets to read, and the connection goes on',
  async ({ path, body }) => {
    for (let round = 0; round < 3; round += 1) {
      const answer = await world.send(path, { raw: `{"a":"${'x'.repeat(30_000_000)}"}` });

      expect(answer).toMatchObject({ status: 413, body });
    }
    expect((await world.send('/healthz')).status).toBe(200);
  },
);

test.each([
  '/api/auth/login',
  '/webhooks/stripe',
  '/trpc/tenants.create',
  '/scim/v2/nobody/Users',
  '/verify-email',
])('a body that %s refuses half-way does not end the connection under the next request', async (path) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (raw: string) =>
    new Promise<{ status: number; port: number }>((resolve, reject) => {
      const sent = request(`${world.url}${path}`, { agent, method: 'POST' }, (answer) => {
        const { statusCode = 0, socket } = answer.resume();
        answer.on('end', () => resolve({ status: statusCode, port: socket.localPort ?? 0 }));
      });
      sent.on('error', reject).end(raw);
    });

  const refused = await post('x'.repeat(11_000_000));
  await sleep(700);
  const next = await post('{}');
  agent.destroy();

  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(next.port).toBe(refused.port);
});

test('a body over the limit that does not say its length is refused all the same', async () => {
  const chunk = new TextEncoder().encode('x'.repeat(100_000));
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      sent += 1;
      if (sent > 30) controller.close();
      else controller.enqueue(chunk);
    },
  });

  const init = { method: 'POST', body, duplex: 'half' } as const;

  const response = await fetch(`${world.url}/api/auth/login`, init);

  expect(response.status).toBe(413);
});
