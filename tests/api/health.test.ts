import { expect, test } from 'vitest';
import { aScimToken, aTenant, eventually, openWorld } from '../support/world.ts';

const world = await openWorld();

test('the service says what it is, that it lives, and that it can serve', async () => {
  const [welcome, health] = await Promise.all(['/', '/healthz'].map((path) => world.send(path)));
  // Ready is who has done a first round.
  const readiness = await eventually(async () => {
    const answer = await world.send('/readyz');
    return answer.status === 200 && answer;
  }, 'readiness');

  expect(welcome?.body).toMatchObject({ name: 'tenantry', links: { health: `${world.url}/healthz` } });
  expect(health?.body).toMatchObject({ status: 'ok' });
  expect(readiness).toMatchObject({ status: 200, body: { checks: { database: true, worker: true } } });
});

test('metrics count requests by route pattern, never by path', async () => {
  const tenant = await aTenant(world);
  const { token } = await aScimToken(world, tenant);
  await world.send(`/scim/v2/${tenant.slug}/Users`, { token });
  await world.send('/no/such/path');

  const { text } = await world.send('/metrics');

  expect(text).toContain(
    'tenantry_http_requests_total{method="GET",route="/scim/v2/:tenantSlug/Users",status="200"} 1',
  );
  expect(text).toContain('tenantry_http_requests_total{method="GET",route="none",status="404"} 1');
  expect(text).not.toContain(tenant.slug);
});

test('an unknown path is 404, a wrong method 405 with what the path takes', async () => {
  const unknown = await world.send('/api/auth/nothing');
  const wrong = await world.send('/api/auth/login', { method: 'DELETE' });

  expect(unknown).toMatchObject({ status: 404, body: { reason: 'NOT_FOUND' } });
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')).toBe('POST');
});
