import { expect, test } from 'vitest';
import { methods } from '../../scim/endpoint.ts';
import { maxBodyBytes } from '../../scim/request-body.ts';
import { routes } from '../../scim/routes.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser } from './directory.ts';
import { expectError } from './expected-error.ts';

const directory = await aDirectory(await openWorld());
const { send } = directory;

const nobody = crypto.randomUUID();
const places = routes.map(({ path, endpoints }) => ({ path: path.replace(':id', nobody), endpoints }));
const withBody = ['POST', 'PUT', 'PATCH'];

/** Every method of every path that takes a body. */
const writes = places.flatMap(({ path, endpoints }) =>
  methods
    .filter((method) => endpoints[method] && withBody.includes(method))
    .map((method) => [method, path] as const),
);

test('there are routes of every kind to be tried', () => {
  const paths = places.map(({ path }) => path);

  expect(paths).toEqual(expect.arrayContaining(['/Users', `/Groups/${nobody}`, '/Bulk', '/Me', '/Schemas']));
  expect(writes.length).toBeGreaterThan(10);
});

test.each(places.map(({ path }) => path))(
  '%s is 405 for every other method, before its body is read',
  async (path) => {
    const taken = methods.filter((method) => places.find((one) => one.path === path)?.endpoints[method]);
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      if (taken.some((one) => one === method)) continue;
      const headers = { authorization: 'nobody', 'content-type': 'text/plain' };

      const answer = await send(method, path, {
        headers,
        ...(withBody.includes(method) && { body: 'test' }),
      });

      expectError(answer, 405);
      expect(answer.headers.get('allow')).toBe(taken.join(', '));
    }
  },
);

test.each(places.map(({ path }) => path))('%s is 401 without a token, as a SCIM error', async (path) => {
  const taken = methods.filter((method) => places.find((one) => one.path === path)?.endpoints[method]);
  for (const method of taken) {
    const answer = await send(method, path, {
      headers: { authorization: '' },
      ...(withBody.includes(method) && { body: {} }),
    });

    expectError(answer, 401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="SCIM"');
  }
});

test.each(writes)('%s %s is 415 for a body of another type', async (method, path) => {
  for (const type of ['text/plain', 'application/xml']) {
    expectError(await send(method, path, { body: '{}', headers: { 'content-type': type } }), 415);
  }
});

test.each(writes)('%s %s takes both types of JSON, with and without parameters', async (method, path) => {
  for (const type of ['application/json; charset=utf-8', 'Application/SCIM+JSON;v=1']) {
    const { status } = await send(method, path, { body: '{}', headers: { 'content-type': type } });
    // A search without parameters finds everything.
    expect(path.endsWith('.search') ? [200] : [400, 404, 501]).toContain(status);
  }
});

const tooLarge = `{"x":"${'x'.repeat(maxBodyBytes)}"}`;

test.each(writes)('%s %s is 413 for a body that is too large', async (method, path) => {
  expectError(await send(method, path, { body: tooLarge }), 413);
});

test.each(writes)('%s %s is 400 for a broken JSON, or is not offered at all', async (method, path) => {
  for (const body of ['{', '', '{"a":1,}']) {
    const answer = await send(method, path, { body });
    if (answer.status === 501) expectError(answer, 501);
    else expectError(answer, 400, 'invalidSyntax');
  }
});

test.each([
  '/Nothing',
  '/Users/1/2',
  '/Users//1',
  '/Groups/1/members',
  '/Bulk/1',
  '/Me/1',
  '/.search/1',
  '/users',
])('the path %s is 404 for every method, whoever asks, as a SCIM error', async (path) => {
  for (const method of methods) {
    const headers = { authorization: 'nobody', 'content-type': 'text/plain' };
    expectError(
      await send(method, path, { headers, ...(withBody.includes(method) && { body: 'test' }) }),
      404,
    );
  }
});

test.each(places.filter(({ endpoints }) => endpoints.GET).map(({ path }) => path))(
  'a slash after %s, or one too many before it, changes nothing',
  async (path) => {
    const { status, text } = await send('GET', path);

    for (const other of [`${path}/`, `/${path}`, `/${path}/`, `${path}/?aadOptscim062020`]) {
      const answer = await send('GET', other);
      expect([other, answer.status, answer.text]).toEqual([other, status, text]);
    }
  },
);

test.each(places.filter(({ endpoints }) => endpoints.GET).map(({ path }) => path))(
  'HEAD %s is answered like GET, without a body',
  async (path) => {
    const [get, head] = [await send('GET', path), await send('HEAD', path)];

    expect([head.status, head.text]).toEqual([get.status, '']);
    for (const name of ['content-type', 'etag', 'www-authenticate']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
  },
);

test('an id that is percent-encoded is the same id, for every method', async () => {
  const id = await aProvisionedUser(directory);
  const encoded = id.replaceAll(/./g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  const urn = 'urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser';

  expect((await send('GET', `/Users/${encoded}`)).body.id).toBe(id);
  expect((await send('PUT', `/Users/${encoded}`, { body: { userName: id } })).body.id).toBe(id);
  expect((await send('GET', `/Schemas/${urn}`)).body.id).toBe(decodeURIComponent(urn));
  expect((await send('DELETE', `/Users/${encoded}`)).status).toBe(204);
  expectError(await send('GET', `/Users/${encoded}`), 404);
});
