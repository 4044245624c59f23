import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { aCabinet } from './file-cabinet.ts';

const world = await openWorld();
const cabinet = await aCabinet(world);
const { tenant } = cabinet;
await cabinet.put('a', 'content');

const methods = ['PUT', 'GET', 'HEAD', 'DELETE'] as const;
const body = (method: string) => (method === 'PUT' ? 'x' : undefined);

test.each(methods)('%s without a token is refused', async (method) => {
  const answer = await cabinet.send(method, 'a', body(method), { token: '' });

  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test.each(methods)('%s of another tenant’s project finds nothing', async (method) => {
  const other = await aCabinet(world);
  const token = other.owner.accessToken;

  expect((await cabinet.send(method, 'a', body(method), { token })).status).toBe(404);
  const query = `?tenantId=${tenant.id}`;
  expect((await cabinet.send(method, 'a', body(method), { token, query })).status).toBe(404);
});

test('an operator names the tenant, and does what its role may', async () => {
  const { token } = await world.operator.operators.create.mutate({
    email: 'reader@operator.example',
    name: 'Rea Reader',
    role: 'read_only',
  });
  const query = `?tenantId=${tenant.id}`;
  const asOperator = { token: world.bootstrapToken, query };

  expect((await cabinet.send('GET', 'a', undefined, { token, query })).bytes.toString()).toBe('content');
  expect((await cabinet.put('b', 'x', { token, query })).body).toMatchObject({ reason: 'PERMISSION_DENIED' });
  expect((await cabinet.put('b', 'x', asOperator)).status).toBe(201);
  expect((await cabinet.send('DELETE', 'b', undefined, asOperator)).status).toBe(204);
  const unnamed = { token: world.bootstrapToken };
  expect(await cabinet.put('b', 'x', unnamed)).toMatchObject({
    status: 400,
    body: { detail: 'tenantId: name the tenant' },
  });
  expect((await cabinet.put('b', 'x', { ...unnamed, query: '?tenantId=x' })).status).toBe(400);
});

test('a read-only tenant’s files can be read, and neither stored nor removed', async () => {
  const own = await aCabinet(world);
  await own.put('a', 'content');
  await world.operator.suspension.suspend.mutate({
    tenantId: own.tenant.id,
    trigger: 'customer_request',
    mode: 'read_only',
    note: 'a pause',
  });

  expect((await own.get('a')).bytes.toString()).toBe('content');
  expect((await own.put('b', 'x')).body).toMatchObject({ reason: 'TENANT_READ_ONLY' });
  expect((await own.remove('a')).body).toMatchObject({ reason: 'TENANT_READ_ONLY' });
  expect(await own.names()).toEqual(['a']);
});

test('a blocked tenant’s people read nothing', async () => {
  const own = await aCabinet(world);
  await own.put('a', 'content');
  await world.operator.suspension.suspend.mutate({
    tenantId: own.tenant.id,
    trigger: 'terms_violation',
    mode: 'blocked',
    note: 'it sends spam',
  });

  expect((await own.get('a')).status).toBeGreaterThanOrEqual(401);
});

test.each(['nonsense', '00000000-0000-4000-8000-000000000000'])('there is no project %s', async (project) => {
  for (const method of methods) {
    expect((await cabinet.send(method, 'a', body(method), { project })).status).toBe(404);
  }
});
