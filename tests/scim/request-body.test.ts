import { ReadableStream } from 'node:stream/web';
import { expect, test } from 'vitest';
import { maxBodyBytes } from '../../scim/request-body.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser } from './directory.ts';
import { errorUrn, expectError } from './expected-error.ts';

const world = await openWorld();
const directory = await aDirectory(world);

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
  expect((await directory.send('POST', '/Users', { body: nest(63) })).status).toBe(201);
  expectError(await directory.send('POST', '/Users', { body: nest(64) }), 400, 'invalidSyntax');
  const start = performance.now();
  expectError(await directory.send('POST', '/Users', { body: nest(4_000_000) }), 400, 'invalidSyntax');
  expect(performance.now() - start).toBeLessThan(2000);
});

function nest(depth: number): string {
  return `{"userName":"${crypto.randomUUID()}","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}

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
