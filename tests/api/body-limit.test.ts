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
