import { expect, test } from 'vitest';
import { patchBody } from '../support/scim-client.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser } from './directory.ts';
import { expectError } from './expected-error.ts';
import { aGroup } from './groups/group-clients.ts';

const directory = await aDirectory(await openWorld());
const { send, entra } = directory;

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

/** Nothing was changed that every object has. */
function expectNoPollution(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Reflect.get({}, 'active')).toBeUndefined();
}

test.each(names)(
  'the key %s is an unknown attribute wherever it stands, and nobody inherits from it',
  async (name) => {
    const id = await aProvisionedUser(directory);
    const group = await aGroup(directory, [id]);
    const poison = `"${name}":{"active":false,"userName":"evil","value":"evil"}`;
    const user = (userName: string) =>
      `{${poison},"userName":"${userName}","name":{${poison},"givenName":"G"},
        "emails":[{${poison},"value":"a@x.example"}]}`;

    const created = await send('POST', '/Users', { body: user(crypto.randomUUID()) });
    const answers = [
      await send('PUT', `/Users/${id}`, { body: user(id) }),
      await send('PATCH', `/Users/${id}`, { body: `{"Operations":[{"op":"add","value":{${poison}}}]}` }),
      await send('PATCH', `/Groups/${group}`, { body: `{"Operations":[{"op":"add","value":{${poison}}}]}` }),
      await send('POST', '/Groups', { body: `{${poison},"displayName":"${crypto.randomUUID()}"}` }),
      await send('POST', '/Bulk', {
        body: `{${poison},"Operations":[{${poison},"method":"POST","path":"/Users","bulkId":"${name}","data":
        {${poison},"userName":"${crypto.randomUUID()}"}}]}`,
      }),
      await send('GET', `/Users/${id}?attributes=${name},userName&${name}=1`),
    ];

    expect(created.body).toMatchObject({ active: true, name: { givenName: 'G' } });
    expect(created.body['emails']).toEqual([{ value: 'a@x.example' }]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 204, 201, 200, 200]);
    expect(answers[4]?.body['Operations']).toMatchObject([{ status: '201', bulkId: name }]);
    expectNoPollution();
  },
);

test.each(names)('%s is 400 as a path of a PATCH, and 400 in a filter', async (name) => {
  const id = await aProvisionedUser(directory);
  const group = await aGroup(directory);

  for (const path of [`/Users/${id}`, `/Groups/${group}`]) {
    for (const target of [
      name,
      `${name}.value`,
      `${name}[value eq "x"]`,
      `name.${name}`,
      `members.${name}`,
    ]) {
      const body = patchBody({ op: 'add', path: target, value: 'x' });
      expectError(await send('PATCH', path, { body }), 400, 'invalidPath');
    }
  }
  for (const filter of [`${name} pr`, `${name} eq "x"`, `emails.${name} eq "x"`, `emails[${name} eq "x"]`]) {
    expectError(await send('GET', `/Users?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter');
  }
  expectNoPollution();
});

test.each(names)('%s is the name of no schema, resource type or resource', async (name) => {
  for (const place of ['Schemas', 'ResourceTypes', 'Users', 'Groups']) {
    expectError(await send('GET', `/${place}/${name}`), 404);
  }
});

test('of two keys with the same name the last one counts, in whatever case they were sent', async () => {
  const [first, last] = [crypto.randomUUID(), crypto.randomUUID()];
  const id = await aProvisionedUser(directory);

  const same = await send('POST', '/Users', { body: `{"userName":"${first}","userName":"${last}"}` });
  const cases = await send('PUT', `/Users/${id}`, { body: `{"userName":"${first}","USERNAME":"x${last}"}` });
  const operation = await send('PATCH', `/Users/${id}`, {
    body: `{"Operations":[],"operations":[{"op":"remove","OP":"add","path":"title","value":"a","Value":"b"}]}`,
  });

  expect(same.body.userName).toBe(last);
  expect(cases.body.userName).toBe(`x${last}`);
  expect(operation.body['title']).toBe('b');
  expect((await entra.findUser('userName', first)).body.totalResults).toBe(0);
});

test.each(['\\u0000', '\\ud800', 'a\\udfffb'])(
  'the text "%s" is 400 in groups and in operations of a bulk request, and nothing is stored',
  async (bad) => {
    const group = await aGroup(directory);
    const before = (await send('GET', `/Groups/${group}`)).text;
    const bodies = [
      ['POST', '/Groups', `{"displayName":"x${bad}"}`],
      ['POST', '/Groups', `{"displayName":"x","${bad}":1}`],
      ['PUT', `/Groups/${group}`, `{"displayName":"x","externalId":"${bad}"}`],
      ['PATCH', `/Groups/${group}`, `{"Operations":[{"op":"add","path":"displayName","value":"${bad}"}]}`],
      [
        'PATCH',
        `/Groups/${group}`,
        `{"Operations":[{"op":"add","path":"members","value":[{"value":"${bad}"}]}]}`,
      ],
    ] as const;

    for (const [method, path, body] of bodies) {
      expectError(await send(method, path, { body }), 400, 'invalidValue');
      const inBulk = `{"Operations":[{"method":"${method}","path":"${path}","bulkId":"b","data":${body}}]}`;
      const { body: answer } = await send('POST', '/Bulk', { body: inBulk });
      expect(answer['Operations']).toMatchObject([{ status: '400', response: { scimType: 'invalidValue' } }]);
    }
    const search = await send('GET', `/Groups?filter=displayName%20eq%20%22${bad}%22`);
    expectError(search, 400, 'invalidFilter');
    expect((await send('GET', `/Groups/${group}`)).text).toBe(before);
  },
);

test('a bulkId, a path or a version that cannot be stored is answered like any other', async () => {
  const operations = ['"\\u0000"', '"\\ud800"'].map(
    (bad) => `{"method":"DELETE","path":${bad},"bulkId":${bad},"version":${bad},"data":{}}`,
  );

  const { status, body } = await send('POST', '/Bulk', { body: `{"Operations":[${operations.join(',')}]}` });

  expect(status).toBe(200);
  expect(body['Operations']).toMatchObject([{ status: '404' }, { status: '404' }]);
});
