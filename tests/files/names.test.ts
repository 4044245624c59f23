import { request } from 'node:http';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { aCabinet } from './file-cabinet.ts';

const world = await openWorld();
const cabinet = await aCabinet(world);

test.each([
  'plan.pdf',
  'a b.txt',
  'Bericht für März.odt',
  '報告書.xlsx',
  '🗂️ files.zip',
  '...',
  '.hidden',
  '-rf',
  '%2e%2e',
  '100%',
  'a?b#c&d=e+f',
  `it's "quoted" (1)*.txt`,
  'con',
  'é'.repeat(127),
  'x'.repeat(255),
])('a file may be called %o', async (name) => {
  expect((await cabinet.put(name, name)).body).toMatchObject({ name });

  const read = await cabinet.get(name);
  expect(read.bytes.toString()).toBe(name);
  const disposition = read.headers.get('content-disposition') ?? '';
  expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/);
  expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe(name);
  expect(await cabinet.names()).toContain(name);
  expect((await cabinet.remove(name)).status).toBe(204);
});

test.each([
  'a/b',
  '../a',
  'a\\b',
  'a\0b',
  'a\nb',
  'a\r\nset-cookie: x=1',
  'a\u0085b',
  'invoice\u202efdp.exe',
  ' a',
  'a ',
  'x'.repeat(256),
  'é'.repeat(128),
])('a file may not be called %o', async (name) => {
  const answer = await cabinet.put(name, 'x');

  expect(answer).toMatchObject({ status: 400, body: { reason: 'INVALID_INPUT' } });
  expect((await cabinet.get(name)).status).toBe(400);
  expect(await cabinet.names()).toEqual([]);
});

test.each(['%', '%zz', '%ff%fe', '%ed%a0%80', 'a%c0%af..'])('the path %o names nothing', async (raw) => {
  expect(await askRaw(`/files/${raw}`)).toBe(400);
  expect(await cabinet.names()).toEqual([]);
});

test.each(['/files/..', '/files/.', '/files/%2e%2e', '/files/', '/files/a/b', '/files'])(
  'below %o there is nothing',
  async (raw) => {
    expect([400, 404]).toContain(await askRaw(raw));
    expect(await cabinet.names()).toEqual([]);
  },
);

test('what looks alike in two ways of writing is one file', async () => {
  await cabinet.put('caf\u00e9', 'composed');

  expect((await cabinet.put('cafe\u0301', 'decomposed')).status).toBe(200);

  expect(await cabinet.names()).toEqual(['caf\u00e9']);
  await cabinet.remove('cafe\u0301');
});

/** Puts to a path as it is written, which no client library would. */
async function askRaw(path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(world.url);
  const asked = request({
    hostname,
    port,
    method: 'PUT',
    path: `/api/projects/${cabinet.projectId}${path}`,
    headers: { authorization: `Bearer ${cabinet.owner.accessToken}` },
  });
  asked.end('x');
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}
