import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Project } from '../../src/db/entities/work.ts';
import { aRegistration, openWorld } from '../support/world.ts';
import { type Answer, send } from '../support/http.ts';
import { ask, auditOf, call, signIn } from './answers.ts';

const world = await openWorld();
const { accessToken: token, tenant } = await aRegistration(world);

const errorOf = ({ body }: Answer) => body.error;

test('every answer names its request, each another', async () => {
  const answers = await Promise.all([
    ask(world.url, 'tenants.get', { token }),
    ask(world.url, 'tenants.get'),
    ask(world.url, 'no.such'),
    world.send('/api/auth/me'),
    world.send('/no/such/path'),
    world.send('/healthz'),
    world.send('/.well-known/jwks.json'),
    world.send('/api/auth/login', { raw: '{' }),
  ]);

  const ids = answers.map(({ headers }) => headers.get('x-request-id'));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test('what went wrong is said in tRPC’s own shape, with a code, a reason and the request’s id', async () => {
  const answer = await ask(world.url, 'tenants.get', { token, input: { tenantId: randomUUID() } });

  expect(answer.status).toBe(404);
  expect(errorOf(answer)).toEqual({
    message: 'no such tenant',
    code: -32004,
    data: {
      code: 'NOT_FOUND',
      httpStatus: 404,
      path: 'tenants.get',
      reason: 'NOT_FOUND',
      requestId: answer.headers.get('x-request-id'),
    },
  });
});

type Case = [string, number, string, () => Promise<Answer>];
const cases: Case[] = [
  ['an unknown procedure', 404, 'NOT_FOUND', () => ask(world.url, 'tenants.nothing', { token })],
  [
    'a mutation that is asked as a query',
    405,
    'METHOD_NOT_SUPPORTED',
    () => ask(world.url, 'projects.create', { token, input: { name: 'x' } }),
  ],
  [
    'a query that is called as a mutation',
    405,
    'METHOD_NOT_SUPPORTED',
    () => call(world.url, 'projects.list', { token }),
  ],
  [
    'a body that is no JSON',
    400,
    'BAD_REQUEST',
    () => world.send('/trpc/projects.create', { token, raw: '{"name":' }),
  ],
  [
    'an input that is no JSON',
    400,
    'BAD_REQUEST',
    () => world.send('/trpc/projects.list?input=%7B', { token }),
  ],
  [
    'an input of another type',
    400,
    'BAD_REQUEST',
    () => call(world.url, 'projects.create', { token, input: ['x'] }),
  ],
  ['no token', 401, 'UNAUTHORIZED', () => ask(world.url, 'projects.list')],
  ['a token that is none', 401, 'UNAUTHORIZED', () => ask(world.url, 'projects.list', { token: 'nonsense' })],
  [
    'a form instead of JSON',
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    () =>
      world.send('/trpc/projects.create', {
        token,
        raw: 'name=x',
        headers: { 'content-type': 'text/plain' },
      }),
  ],
];

test.each(cases)('%s is answered %i %s', async (_, status, code, ask) => {
  const answer = await ask();

  expect(answer.status).toBe(status);
  expect(errorOf(answer).data).toMatchObject({
    code,
    httpStatus: status,
    requestId: answer.headers.get('x-request-id'),
  });
  expect(answer.text).not.toMatch(/stack|node_modules|\bat .*\.ts|select .* from/i);
});

test('a refused mutation has written nothing', async () => {
  const before = await auditOf(world, tenant.id);

  const refused = await call(world.url, 'tenants.update', {
    token,
    input: { name: 'Changed', slug: 'another-slug' },
  });

  expect(errorOf(refused).data.reason).toBe('INVALID_INPUT');
  expect(await auditOf(world, tenant.id)).toEqual(before);
  expect((await world.operator.tenants.get.query({ tenantId: tenant.id })).name).toBe(tenant.name);
});

test('of a batch in which one fails the others happen', async () => {
  const batch = { 0: { name: 'From a batch' }, 1: { name: '' }, 2: { name: 'From it too' } };

  const answer = await world.send('/trpc/projects.create,projects.create,projects.create?batch=1', {
    token,
    body: batch,
  });

  expect(answer.status).toBe(207);
  expect(answer.body).toMatchObject([
    { result: { data: { name: 'From a batch' } } },
    { error: { data: { reason: 'INVALID_INPUT', requestId: answer.headers.get('x-request-id') } } },
    { result: { data: { name: 'From it too' } } },
  ]);
  const stored = await world.inTenant(tenant.id, ({ em }) => em.find(Project, { tenantId: tenant.id }));
  expect(stored.map(({ name }) => name).toSorted()).toEqual(['From a batch', 'From it too']);
});

test('a batch of more than fifty is refused', async () => {
  const paths = Array.from({ length: 51 }, () => 'plans.catalogue').join(',');

  const answer = await world.send(`/trpc/${paths}?batch=1&input=%7B%7D`, { token });

  expect(answer.status).toBe(400);
});

test('unknown fields are ignored', async () => {
  const answer = await call(world.url, 'projects.create', {
    token,
    input: { name: 'Known', colour: 'red', id: randomUUID() },
  });

  expect(answer.status).toBe(200);
  expect(answer.body.result.data).toMatchObject({ name: 'Known' });
  const login = await world.send('/api/auth/register', {
    body: {
      email: 'extra@mail.example',
      password: 'nine loud gulls over tar',
      name: 'E',
      tenantName: 'Extra',
      role: 'x',
      status: 'offboarded',
    },
  });
  expect([login.status, login.body.tenant.status]).toEqual([201, 'active']);
});

test('an input whose fields are all optional may be left out', async () => {
  for (const procedure of [
    'tenants.get',
    'plans.current',
    'plans.catalogue',
    'projects.list',
    'directory.users.list',
    'audit.list',
    'suspension.history',
    'onboarding.get',
    'connections.scim.listTokens',
    'connections.scim.log',
    'connections.scim.health',
    'connections.sso.list',
    'connections.sso.log',
  ]) {
    expect([procedure, (await ask(world.url, procedure, { token })).status]).toEqual([procedure, 200]);
  }
  for (const procedure of ['tenants.list', 'operators.list', 'serviceClients.list']) {
    expect((await ask(world.url, procedure, { token: world.bootstrapToken })).status).toBe(200);
  }
});

test('an empty body is an empty object, and a body that is no object is refused', async () => {
  const empty = await world.send('/api/auth/login', { method: 'POST' });
  const text = await world.send('/api/auth/login', { body: 'text' });
  const list = await world.send('/api/auth/login', { body: [] });

  for (const answer of [empty, text, list]) {
    expect([answer.status, answer.body.reason]).toEqual([400, 'INVALID_INPUT']);
  }
});

const statusOf = async (authorization: string) =>
  (await send(world.url, '/api/auth/me', { headers: { authorization } })).status;

test('a bearer token is read as RFC 6750 says, whatever the case of its scheme', async () => {
  expect(await statusOf(`bearer ${token}`)).toBe(200);
  expect(await statusOf(`BEARER  ${token} `)).toBe(200);
  expect(await statusOf(token)).toBe(401);
  expect(await statusOf(`Basic ${token}`)).toBe(401);
  expect(await statusOf(`Bearer ${token} ${token}`)).toBe(401);
  expect(await statusOf('Bearer ')).toBe(401);
});

test('an operator has no account of a tenant', async () => {
  const { status, body } = await world.send('/api/auth/me', { token: world.bootstrapToken });

  expect([status, body.reason]).toEqual([401, 'INVALID_CREDENTIALS']);
  expect((await signIn(world, 'bootstrap@localhost')).status).toBe(400);
});
