import { beforeAll, expect, test } from 'vitest';
import { maxBodyBytes } from '../../scim/request-body.ts';
import type { ScimAnswer } from '../support/scim-client.ts';
import { openWorld, type World } from '../support/world.ts';
import { aDirectory, aProvisionedUser, type Directory, mountScim } from './directory.ts';

let world: World;
let directory: Directory;

beforeAll(async () => {
  world = await openWorld();
  directory = await aDirectory(world);
});

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

function expectError(answer: ScimAnswer, status: number, scimType?: string): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/scim+json');
  expect(answer.body).toEqual({
    schemas: [errorUrn],
    status: String(status),
    ...(scimType && { scimType }),
    detail: expect.stringMatching(/^[^A-Z].+/),
  });
}

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

test.each(['/Groups', '/Groups/1', '/Groups/.search', '/Bulk', '/Me', '/.search', '/Users/.search'])(
  '%s is answered 501 for every method, since it is not advertised',
  async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await directory.send(method, path, method === 'GET' ? {} : { body: {} });
      expectError(answer, 501);
    }
  },
);

test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonp'])(
  'a body of type %s is answered 415',
  async (type) => {
    const headers = { 'content-type': type };

    expectError(await directory.send('POST', '/Users', { body: '{}', headers }), 415);
  },
);

test.each([
  'application/json',
  'application/scim+json',
  'application/json;charset=UTF-8',
  'Application/SCIM+JSON ; charset=utf-8; v=2',
])('a body of type %s is taken', async (type) => {
  const body = { userName: crypto.randomUUID() };
  const headers = { 'content-type': type };

  expect((await directory.send('POST', '/Users', { body, headers })).status).toBe(201);
});

test('a body without a type is taken as JSON', async () => {
  const { fetch, baseUrl, token } = directory;
  const body = new TextEncoder().encode(JSON.stringify({ userName: crypto.randomUUID() }));

  const response = await fetch(`${baseUrl}/Users`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}` },
  });

  expect(response.status).toBe(201);
});

test.each([
  '',
  ' ',
  '{',
  '{"userName":"x"',
  "{'userName':'x'}",
  'null',
  '[]',
  '"x"',
  '1',
  '{"a":NaN}',
  '{"a":"\u0000"}',
])('the body %j is answered 400 invalidSyntax', async (body) => {
  const id = await aProvisionedUser(directory);

  expectError(await directory.send('POST', '/Users', { body }), 400, 'invalidSyntax');
  expectError(await directory.send('PUT', `/Users/${id}`, { body }), 400, 'invalidSyntax');
  expectError(await directory.send('PATCH', `/Users/${id}`, { body }), 400, 'invalidSyntax');
});

test('a body that is not UTF-8 is answered 400 invalidSyntax', async () => {
  const { fetch, baseUrl, token } = directory;
  const body = new Uint8Array([...Buffer.from('{"userName":"a'), 0xff, ...Buffer.from('"}')]);

  const response = await fetch(`${baseUrl}/Users`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}` },
  });

  expect([response.status, await response.json()]).toEqual([
    400,
    { schemas: [errorUrn], status: '400', scimType: 'invalidSyntax', detail: 'the body is not UTF-8' },
  ]);
});

test('nesting is taken to 64 levels, and deeper is answered 400 at once, however deep', async () => {
  const nest = (depth: number) =>
    `{"userName":"${crypto.randomUUID()}","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;

  expect((await directory.send('POST', '/Users', { body: nest(63) })).status).toBe(201);
  expectError(await directory.send('POST', '/Users', { body: nest(64) }), 400, 'invalidSyntax');
  const start = performance.now();
  expectError(await directory.send('POST', '/Users', { body: nest(4_000_000) }), 400, 'invalidSyntax');
  expect(performance.now() - start).toBeLessThan(2000);
});

test('brackets and quotes inside a string are no nesting', async () => {
  const title = `"${'[{'.repeat(200)}\\"`;

  const { status, body } = await directory.send('POST', '/Users', {
    body: { userName: crypto.randomUUID(), title },
  });

  expect([status, body['title']]).toEqual([201, title]);
});

test('a body is taken up to ten million bytes, counted as they arrive, and one more is answered 413', async () => {
  const { fetch, baseUrl, token } = directory;
  const post = (size: number) => {
    const start = `{"userName":"${crypto.randomUUID()}","x":"`;
    const text = start + 'x'.repeat(size - start.length - 2) + '"}';
    // Streamed in pieces, so that no header says how long it is.
    const body = ReadableStream.from(cut(Buffer.from(text), 64_000));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${baseUrl}/Users`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
  };

  const fits = await post(maxBodyBytes);
  const tooLarge = await post(maxBodyBytes + 1);

  expect(fits.status).toBe(201);
  expect([tooLarge.status, tooLarge.headers.get('content-type'), await tooLarge.json()]).toEqual([
    413,
    'application/scim+json',
    { schemas: [errorUrn], status: '413', detail: 'the body is larger than 10000000 bytes' },
  ]);
});

function* cut(bytes: Buffer, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('a client that goes away in the middle of its body is no failure of ours', async () => {
  const { fetch, baseUrl, token, logged } = directory;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"userName":')),
    pull: (controller) => controller.error(new Error('gone')),
  });
  const headers = { authorization: `Bearer ${token}` };

  const response = await fetch(`${baseUrl}/Users`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);

  expect(response.status).toBe(400);
  expect(logged.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

test.each(['\u0000', '\ud800', 'a\udfffb', '\udc00\ud800'])(
  'the text %j is answered 400 wherever it stands, and nothing is stored',
  async (text) => {
    const id = await aProvisionedUser(directory);
    const before = (await directory.entra.getUser(id)).text;
    const bad = JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[\ud800-\udfff]/g, escapeUnit);
    const userName = crypto.randomUUID();

    const posts = [
      `{"userName":"${userName}${bad}"}`,
      `{"userName":"${userName}","displayName":"${bad}"}`,
      `{"userName":"${userName}","emails":[{"value":"${bad}"}]}`,
      `{"userName":"${userName}","${bad}":1}`,
    ];
    const patches = [
      `{"Operations":[{"op":"add","path":"title","value":"${bad}"}]}`,
      `{"Operations":[{"op":"add","value":{"emails":[{"type":"${bad}","value":"x"}]}}]}`,
      `{"Operations":[{"op":"replace","path":"emails[type eq \\"${bad}\\"].value","value":"x"}]}`,
    ];

    for (const body of posts) {
      expectError(await directory.send('POST', '/Users', { body }), 400, 'invalidValue');
      expectError(await directory.send('PUT', `/Users/${id}`, { body }), 400, 'invalidValue');
    }
    for (const body of patches) {
      expectError(await directory.send('PATCH', `/Users/${id}`, { body }), 400, 'invalidValue');
    }
    expect((await directory.entra.findUser('userName', userName)).body.totalResults).toBe(0);
    expect((await directory.entra.getUser(id)).text).toBe(before);
  },
);

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

test.each(['%00', '\\u0000', '\\ud800', '\\udc00x'])(
  'a filter for %j is answered 400 invalidFilter',
  async (bad) => {
    for (const attribute of ['userName', 'externalId', 'emails.value', 'id', 'displayName']) {
      const answer = await directory.send('GET', `/Users?filter=${attribute}%20eq%20%22${bad}%22`);
      expectError(answer, 400, 'invalidFilter');
    }
  },
);

test.each([
  '0',
  'me',
  '%00',
  '%',
  '%ED%A0%80',
  'x'.repeat(5000),
  "' or 1=1 --",
  '01919191-0000-7000-8000-00000000000Z',
])('a user with the id %j is not found, which is 404 for every method', async (id) => {
  const path = `/Users/${id}`;

  const unknown = await directory.send('GET', `/Users/${crypto.randomUUID()}`);
  expectError(unknown, 404);
  expect((await directory.send('GET', path)).text).toBe(unknown.text);
  expect((await directory.send('PUT', path, { body: { userName: 'x' } })).text).toBe(unknown.text);
  const Operations = [{ op: 'remove', path: 'title' }];
  expect((await directory.send('PATCH', path, { body: { Operations } })).text).toBe(unknown.text);
  expect((await directory.send('DELETE', path)).text).toBe(unknown.text);
});

test('an id is exact: in capitals it is nobody, by path and by filter', async () => {
  const id = (await aProvisionedUser(directory)).toUpperCase();

  expectError(await directory.entra.getUser(id), 404);
  expect((await directory.entra.findUser('id', id)).body.totalResults).toBe(0);
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
