import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { deleteExpired } from '../../../src/actions/operations/housekeeping.ts';
import { daysAfter } from '../../../src/domain/lifecycle/deadlines.ts';
import { refusalOf } from '../../api/answers.ts';
import { aPerson as aTenantPerson, theOwner } from '../../api/people.ts';
import { createScimClient, patchBody } from '../../support/scim-client.ts';
import { aScimToken, openWorld } from '../../support/world.ts';
import { aPerson, aProvisionedUser } from '../directory.ts';
import { aLoggedDirectory } from './logged-directory.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const directory = await aLoggedDirectory(world);
const { tenant, send, readLog, lastLogged, tokenId } = directory;

test('a request stands in the log with its time, client, route, status, duration and what it was about', async () => {
  const before = Date.now();
  const headers = { 'user-agent': 'Okta SCIM Client 1.0.0' };
  const answer = await send('POST', '/Users', { body: aUserBody(), headers });

  const logged = await lastLogged();

  expect(logged).toMatchObject({
    client: 'Okta SCIM Client 1.0.0',
    method: 'POST',
    path: '/Users',
    query: null,
    status: 201,
    times: 1,
    tokenId,
    requestId: answer.headers.get('x-request-id'),
    resourceId: answer.body.id,
    normalized: [],
    refusal: null,
    body: null,
  });
  expect(Date.parse(logged?.at ?? '')).toBeGreaterThanOrEqual(before);
  expect(logged?.durationMs).toBeLessThan(Date.now() - before + 1);
});

test('a filter stands in the log as it was asked, and is sealed where it is stored', async () => {
  await directory.entra.findUser('userName', 'Zoë+1@x.example');

  const logged = await lastLogged();
  const [row] = await world.inTenant(tenant.id, ({ em }) =>
    em.execute<object[]>(`select * from scim_requests where id = ?`, [logged?.id]),
  );

  expect(logged).toMatchObject({
    method: 'GET',
    path: '/Users',
    query: 'filter=userName eq "Zoë+1@x.example"',
  });
  expect(row).toMatchObject({ path: '/Users', sent_sealed: expect.stringMatching(/^v1\./) });
  expect(JSON.stringify(row)).not.toContain('x.example');
});

test('a refused request stands with its words and its body, though nothing of it was done', async () => {
  const person = aPerson();
  await directory.entra.createUser(person);
  await directory.entra.createUser(person);

  const { items } = await readLog({ status: 'refused' });

  expect(items[0]).toMatchObject({
    status: 409,
    scimType: 'uniqueness',
    refusal: 'a user with this userName exists',
    body: expect.stringContaining(person.externalId),
  });
});

test('what a request changed of a user is named, and nothing where nothing changed', async () => {
  const userId = await aProvisionedUser(directory);
  const created = await lastLogged();
  await directory.entra.disableUser(userId);
  await directory.entra.disableUser(userId);
  await send('DELETE', `/Users/${userId}`);

  const { items } = await readLog({ resourceId: userId });

  expect(created?.changes).toEqual([
    { kind: 'user', id: userId, what: expect.arrayContaining(['userName', 'externalId', 'emails']) },
  ]);
  expect(items.slice(0, 3).map(({ changes }) => changes)).toEqual([
    [{ kind: 'user', id: userId, what: ['removed'] }],
    [],
    [{ kind: 'user', id: userId, what: ['active'] }],
  ]);
});

test('no secret that a directory sends is kept', async () => {
  const password = `pw-${randomUUID()}`;
  const userId = await aProvisionedUser(directory);
  await send('POST', '/Users', { body: { ...aUserBody(), password } });
  await send('PATCH', `/Users/${userId}`, {
    body: patchBody({ op: 'replace', path: 'password', value: password }),
  });
  await send('GET', `/Users?filter=${encodeURIComponent(`password eq "${password}"`)}`);

  const { items } = await readLog();

  const kept = JSON.stringify(items);
  expect(kept).toContain('[redacted]');
  expect(kept).not.toContain(password);
  expect(kept).not.toContain(directory.token);
});

test('what came without a valid token is one row a minute that counts, and names a token that has ended', async () => {
  const revoked = await aScimToken(world, tenant);
  await world.operator.connections.scim.revokeToken.mutate({ tenantId: tenant.id, tokenId: revoked.id });
  const asRevoked = createScimClient({ ...directory, token: revoked.token });
  const asNobody = createScimClient({ ...directory, token: 'guessed' });

  await Promise.all(
    [asNobody, asNobody, asNobody, asRevoked, asRevoked].map((who) => who.send('GET', '/Users')),
  );

  const { items } = await readLog();
  const counted = items.filter(({ status }) => status === 401);
  const sum = (of: string | null) =>
    counted.filter((row) => row.tokenId === of).reduce((total, { times }) => total + times, 0);
  expect([sum(null), sum(revoked.id)]).toEqual([3, 2]);
  expect(counted.length).toBeLessThan(5);
});

test('an unknown path, a wrong method, a wrong type and a broken body stand in the log of who sent them', async () => {
  await send('GET', '/Nothing');
  await send('DELETE', '/Users');
  await send('POST', '/Users', { body: 'x', headers: { 'content-type': 'text/plain' } });
  await send('POST', '/Users', { body: '{' });

  const { items } = await readLog();

  expect(items.slice(0, 4)).toMatchObject([
    { status: 400, scimType: 'invalidSyntax', refusal: 'the body is not JSON', body: null, tokenId },
    { status: 415, tokenId },
    { status: 405, method: 'DELETE', path: '/Users', tokenId },
    { status: 404, path: '/Nothing', refusal: 'there is no such endpoint', tokenId },
  ]);
});

test('of a bulk request the log says how many operations were refused, and whom it changed', async () => {
  const made = { method: 'POST', path: '/Users', bulkId: 'one', data: aUserBody() };
  const wrong = { method: 'POST', path: '/Users', bulkId: 'two', data: {} };
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
  await send('POST', '/Bulk', { body: { schemas, Operations: [made, wrong, made] } });

  expect(await lastLogged()).toMatchObject({
    status: 200,
    resourceId: 'Bulk',
    refusal: expect.stringMatching(/^2 of 3 operations were refused, the first is POST: .*userName/),
    body: expect.stringContaining(made.data.userName),
  });
});

test('the log is read by outcome, method, token, resource and time, in pages', async () => {
  const other = await aScimToken(world, tenant);
  const userId = await aProvisionedUser(directory);
  await readLog();
  const since = new Date().toISOString();
  await directory.entra.disableUser(userId);
  await createScimClient({ ...directory, token: other.token }).send('GET', `/Users/${userId}`);
  await send('GET', `/Users/${randomUUID()}`);

  const paths = async (filters: object) =>
    (await readLog({ since, ...filters })).items.map(({ method, status }) => `${method} ${status}`);
  expect(await paths({})).toEqual(['GET 404', 'GET 200', 'PATCH 200']);
  expect(await paths({ status: 'refused' })).toEqual(['GET 404']);
  expect(await paths({ status: 'ok' })).toEqual(['GET 200', 'PATCH 200']);
  expect(await paths({ method: 'PATCH' })).toEqual(['PATCH 200']);
  expect(await paths({ tokenId: other.id })).toEqual(['GET 200']);
  expect(await paths({ resourceId: userId })).toEqual(['GET 200', 'PATCH 200']);
  expect(await paths({ until: since })).toEqual([]);
  const first = await readLog({ since, limit: 2 });
  expect(first.items).toHaveLength(2);
  expect(await paths({ limit: 2, cursor: first.nextCursor })).toEqual(['PATCH 200']);
});

test('the log is for the tenant’s admins and for operators', async () => {
  const owner = await theOwner(world, tenant);
  const member = await aTenantPerson(world, tenant.id, 'member');

  const { items } = await world.as(owner.accessToken).connections.scim.log.query();
  const refused = await refusalOf(world.as(member.accessToken).connections.scim.log.query());

  expect(items.length).toBeGreaterThan(0);
  expect(refused).toMatchObject({ reason: 'PERMISSION_DENIED' });
});

test('a request is forgotten after 30 days', async () => {
  const { items } = await readLog();
  const entry = { ...world.entry({ kind: 'system' }), tenantId: tenant.id };

  await world.db.inTenant({ ...entry, now: daysAfter(new Date(), 29.9) }, deleteExpired);
  const kept = await readLog();
  await world.db.inTenant({ ...entry, now: daysAfter(new Date(), 30.1) }, deleteExpired);

  expect(kept.items).toHaveLength(items.length);
  expect(await readLog()).toEqual({ items: [], nextCursor: null });
});

function aUserBody() {
  return { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: randomUUID() };
}
