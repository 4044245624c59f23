import { expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser } from './directory.ts';
import { expectError } from './expected-error.ts';

const world = await openWorld();
const directory = await aDirectory(world);

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
