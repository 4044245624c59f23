/** A bare Hono route in a process of its own: reads what it is sent, answers JSON of the size in its path. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
const bodies = new Map<number, string>();

app.all('/bytes/:count', async (c) => {
  if (c.req.method !== 'GET') await c.req.text();
  const count = Number(c.req.param('count'));
  const body = bodies.get(count) ?? JSON.stringify({ filler: 'x'.repeat(Math.max(0, count - 13)) });
  bodies.set(count, body);
  return c.body(body, 200, { 'content-type': 'application/json' });
});

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.({ port }));
process.on('disconnect', () => process.exit(0));
