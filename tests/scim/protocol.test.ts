import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { aDirectory, mountScim } from './directory.ts';
import { errorUrn, expectError } from './expected-error.ts';

const world = await openWorld();
const directory = await aDirectory(world);

test.each([
  '',
  '/',
  '/users',
  '/Nothing',
  '/Users/1/2',
  '/Schemas/a/b',
  '/ServiceProviderConfigs',
  '/v2/Users',
])('the path %j is answered 404 as a SCIM error', async (path) => {
  expectError(await directory.send('GET', path), 404);
});

test.each([
  ['PUT', '/Users', 'GET, POST'],
  ['DELETE', '/Users', 'GET, POST'],
  ['POST', '/Users/0', 'GET, PUT, PATCH, DELETE'],
  ['POST', '/ServiceProviderConfig', 'GET'],
  ['POST', '/ResourceTypes', 'GET'],
  ['PUT', '/ResourceTypes/User', 'GET'],
  ['POST', '/Schemas', 'GET'],
  ['PUT', '/Bulk', 'POST'],
  ['DELETE', '/Schemas/urn:x', 'GET'],
  ['OPTIONS', '/Users', 'GET, POST'],
  ['PROPFIND', '/Schemas', 'GET'],
])(
  '%s %s is answered 405 with Allow: %s, whoever asks and whatever the body is',
  async (method, path, allow) => {
    const body = ['OPTIONS', 'PROPFIND'].includes(method) ? undefined : 'test';
    const headers = { authorization: 'nobody', 'content-type': 'text/plain' };

    const answer = await directory.send(method, path, { ...(body && { body }), headers });

    expectError(answer, 405);
    expect(answer.headers.get('allow')).toBe(allow);
  },
);

test.each(['/Me'])('%s is answered 501 for every method, since it is not advertised', async (path) => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await directory.send(method, path, method === 'GET' ? {} : { body: {} });
    expectError(answer, 501);
  }
});

test('a bug is answered 500 without detail, and logged with its request id', async () => {
  const broken = {
    db: { ...world.db, inTenant: () => Promise.reject(new Error('select secret from tables')) },
  };
  const { fetch, logged } = mountScim(broken);
  const { baseUrl, token } = directory;

  const response = await fetch(`${baseUrl}/Users`, { headers: { authorization: token } });

  expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
    500,
    'application/scim+json',
    { schemas: [errorUrn], status: '500', detail: 'an unexpected error happened' },
  ]);
  expect(logged).toMatchObject([
    {
      level: 50,
      requestId: response.headers.get('x-request-id'),
      err: { message: 'select secret from tables' },
    },
  ]);
});

test.each(['/Users/', '//Users', '//Users/', '/Users/?aadOptscim062020', '/Users?aadOptscim062020&x=%&y'])(
  'the list is found under %s too',
  async (path) => {
    const { status, body } = await directory.send('GET', path);

    expect([status, typeof body.totalResults]).toEqual([200, 'number']);
  },
);

test('HEAD is answered like GET, without the body', async () => {
  const { status, text } = await directory.send('HEAD', '/ServiceProviderConfig');

  expect([status, text]).toEqual([200, '']);
});
