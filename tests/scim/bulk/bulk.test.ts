import { expect, test } from 'vitest';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { errorUrn, expectError } from '../expected-error.ts';
import { creation, idAt, sendBulk } from './bulk-body.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const { send, entra, baseUrl } = directory;

test('each operation tells its method, status, location and version, and a success has no body', async () => {
  const [changed, replaced, removed] = [
    await aProvisionedUser(directory),
    await aProvisionedUser(directory),
    await aProvisionedUser(directory),
  ];

  const { answer, done } = await sendBulk(directory, [
    creation('a'),
    {
      method: 'PATCH',
      path: `/Users/${changed}`,
      data: patchBody({ op: 'add', path: 'title', value: 'x' }),
    },
    {
      method: 'PUT',
      path: `/Users/${replaced}`,
      bulkId: 'mine',
      version: 'W/"1"',
      data: { userName: replaced },
    },
    { method: 'DELETE', path: `/Users/${removed}` },
  ]);

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/scim+json']);
  expect(answer.body['schemas']).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
  expect(done).toEqual([
    {
      method: 'POST',
      bulkId: 'a',
      version: 'W/"1"',
      status: '201',
      location: `${baseUrl}/Users/${idAt(done[0])}`,
    },
    { method: 'PATCH', version: 'W/"2"', status: '200', location: `${baseUrl}/Users/${changed}` },
    {
      method: 'PUT',
      bulkId: 'mine',
      version: 'W/"2"',
      status: '200',
      location: `${baseUrl}/Users/${replaced}`,
    },
    { method: 'DELETE', status: '204', location: `${baseUrl}/Users/${removed}` },
  ]);
  expect((await entra.getUser(idAt(done[0]))).headers.get('etag')).toBe('W/"1"');
  expect((await entra.getUser(removed)).status).toBe(404);
});

test('an operation that fails has its own SCIM error, and keeps no other from being done', async () => {
  const id = await aProvisionedUser(directory);
  const nobody = crypto.randomUUID();
  const taken = creation('a');

  const { done } = await sendBulk(directory, [
    taken,
    { ...taken, bulkId: 'b' },
    { method: 'PUT', path: `/Users/${id}`, data: { active: true } },
    { method: 'DELETE', path: `/Users/${nobody}` },
    { method: 'DELETE', path: `/Users/${id}`, version: 'W/"7"' },
    { method: 'DELETE', path: `/Users/${id}`, version: 7 },
    creation('c'),
  ]);

  expect(done.map(({ status, response }) => [status, response?.scimType])).toEqual([
    ['201', undefined],
    ['409', 'uniqueness'],
    ['400', 'invalidValue'],
    ['404', undefined],
    ['412', undefined],
    ['400', 'invalidValue'],
    ['201', undefined],
  ]);
  expect(done[1]).toEqual({
    method: 'POST',
    bulkId: 'b',
    status: '409',
    response: {
      schemas: [errorUrn],
      status: '409',
      scimType: 'uniqueness',
      detail: expect.stringMatching(/^[^A-Z]/),
    },
  });
  expect(done[3]?.location).toBe(`${baseUrl}/Users/${nobody}`);
  expect((await entra.getUser(id)).status).toBe(200);
});

test.each([
  [{ method: 'POST', path: '/Users', data: { userName: 'x' } }, '400', 'invalidValue'],
  [{ method: 'POST', path: '/Users', bulkId: '', data: { userName: 'x' } }, '400', 'invalidValue'],
  [{ method: 'POST', path: '/Users', bulkId: 'b' }, '400', 'invalidSyntax'],
  [{ method: 'GET', path: '/Users' }, '405', undefined],
  [{ method: 'post', path: '/Users' }, '405', undefined],
  [{ path: '/Users/1' }, '405', undefined],
  [{ method: 'PUT', path: '/Users' }, '405', undefined],
  [{ method: 'DELETE' }, '404', undefined],
  [{ method: 'POST', path: '/Bulk', bulkId: 'b', data: {} }, '404', undefined],
  [{ method: 'POST', path: '/Users/.search', bulkId: 'b', data: {} }, '405', undefined],
  [{ method: 'DELETE', path: '/Schemas/x' }, '404', undefined],
  [{ method: 'DELETE', path: 'https://elsewhere.example/Users/1' }, '404', undefined],
  [{ method: 'DELETE', path: '/Users/%' }, '404', undefined],
  [{ method: 'DELETE', path: '/Users/%00' }, '404', undefined],
  ['DELETE', '404', undefined],
  [null, '404', undefined],
])('the operation %j is answered %s', async (operation, status, scimType) => {
  const { answer, done } = await sendBulk(directory, [operation as object, creation('after')]);

  expect(answer.status, answer.text).toBe(200);
  expect(done[0]).toMatchObject({ status, response: { schemas: [errorUrn], status } });
  expect([done[0]?.response?.scimType, done[1]?.status]).toEqual([scimType, '201']);
});

test('what two operations change of one user is done in the order of the request', async () => {
  const id = await aProvisionedUser(directory);
  const title = (value: string) => ({
    method: 'PATCH',
    path: `/Users/${id}`,
    data: patchBody({ op: 'replace', path: 'title', value }),
  });

  const { done } = await sendBulk(directory, [title('one'), title('two'), title('three')]);

  expect(done.map(({ version }) => version)).toEqual(['W/"2"', 'W/"3"', 'W/"4"']);
  expect((await entra.getUser(id)).body['title']).toBe('three');
});

test('the same bulk request again creates nobody twice, and answers 409 for each', async () => {
  const operations = Array.from({ length: 20 }, (_, index) => creation(`u${index}`));

  const first = await sendBulk(directory, operations);
  const again = await sendBulk(directory, operations);

  expect(new Set(first.statuses)).toEqual(new Set(['201']));
  expect(again.done.map(({ status, response }) => [status, response?.scimType])).toEqual(
    operations.map(() => ['409', 'uniqueness']),
  );
});

test('of the same bulk request sent five times at once each user is created once', async () => {
  const operations = Array.from({ length: 5 }, (_, index) => creation(`u${index}`));

  const answers = await Promise.all(Array.from({ length: 5 }, () => sendBulk(directory, operations)));

  for (const [index] of operations.entries()) {
    const statuses = answers.map((one) => Number(one.statuses[index]));
    expect(statuses.toSorted((one, other) => one - other)).toEqual([201, 409, 409, 409, 409]);
  }
});

test.each([
  [1, ['201', '409']],
  [2, ['201', '409', '201', '404']],
  [3, ['201', '409', '201', '404', '201']],
  [undefined, ['201', '409', '201', '404', '201']],
])('after failOnErrors %j failures what is left is not done and not answered', async (limit, expected) => {
  const first = creation('a');
  const last = creation('e');
  const operations = [
    first,
    { ...first, bulkId: 'b' },
    creation('c'),
    { method: 'DELETE', path: '/Users/nobody' },
    last,
  ];

  const { statuses } = await sendBulk(directory, operations, limit ? { failOnErrors: limit } : {});

  expect(statuses).toEqual(expected);
  const found = await entra.findUser('userName', last.data.userName);
  expect(found.body.totalResults).toBe(expected.length === 5 ? 1 : 0);
});

test.each([
  [{}, 'invalidSyntax'],
  [{ Operations: [] }, 'invalidSyntax'],
  [{ Operations: {} }, 'invalidSyntax'],
  [[], 'invalidSyntax'],
  [null, 'invalidSyntax'],
  [{ failOnErrors: 0, Operations: [{}] }, 'invalidValue'],
  [{ failOnErrors: '1', Operations: [{}] }, 'invalidValue'],
  [{ failOnErrors: 1.5, Operations: [{}] }, 'invalidValue'],
])('the bulk request %j is answered 400', async (body, scimType) => {
  expectError(await send('POST', '/Bulk', { body }), 400, scimType);
});

test('names of a bulk request are read in any case', async () => {
  const { method, path, bulkId, data } = creation('a');

  const answer = await send('POST', '/Bulk', {
    body: {
      operations: [{ Method: method, PATH: path, bulkid: bulkId, Data: data }],
      FailOnErrors: 1,
    },
  });

  expect(answer.body['Operations']).toMatchObject([{ status: '201', bulkId: 'a' }]);
});

test('a thousand operations are taken, and one more is 413 with nothing done', async () => {
  const path = `/Users/${crypto.randomUUID()}`;
  const operations = Array.from({ length: 1000 }, () => ({ method: 'DELETE', path }));
  const extra = creation('extra');

  const { statuses } = await sendBulk(directory, operations, { failOnErrors: 2 });
  const { answer } = await sendBulk(directory, [...operations, extra]);

  expect(statuses).toEqual(['404', '404']);
  expectError(answer, 413);
  expect(answer.body['detail']).toContain('1000');
  expect((await entra.findUser('userName', extra.data.userName)).body.totalResults).toBe(0);
});

test('a bug in one operation is answered 500 there, logged, and the others are done', async () => {
  const broken = await aDirectory({
    ...world,
    db: {
      ...world.db,
      inTenant: (entry, work) =>
        world.db.inTenant(entry, (scope) => {
          if (scope.actor.kind === 'scim' && ++opened === 2) throw new Error('a bug');
          return work(scope);
        }),
    },
  });

  const { done } = await sendBulk(broken, [creation('a'), creation('b')]);

  expect(done.map(({ status }) => status)).toEqual(['500', '201']);
  expect(done[0]?.response?.detail).toBe('an unexpected error happened');
  expect(broken.logged).toMatchObject([{ level: 50, err: { message: 'a bug' } }]);
});
let opened = 0;
