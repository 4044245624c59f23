import { request } from 'node:http';
import { expect, test } from 'vitest';
import { createEntraClient, createOktaClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';
import { aPerson } from './directory.ts';

const world = await openWorld();
const tenant = await aTenant(world);
const { token } = await aScimToken(world, tenant);
const options = { baseUrl: `${world.url}/scim/v2/${tenant.slug}`, token, fetch };

test('over the real service, Entra provisions, disables and deletes a user', async () => {
  const entra = createEntraClient(options);
  const person = aPerson();

  const tried = await entra.testConnection();
  const created = await entra.createUser(person);
  const id = created.body.id ?? '';
  const disabled = await entra.disableUser(id);
  const found = await entra.findUser('userName', person.userName.toUpperCase());
  const deleted = await entra.deleteUser(id);
  const gone = await entra.getUser(id);

  const statuses = [tried, created, disabled, found, deleted, gone].map(({ status }) => status);
  expect(statuses).toEqual([200, 201, 200, 200, 204, 404]);
  expect(found.body.Resources).toEqual([disabled.body]);
  for (const { headers } of [tried, created, disabled, found, gone]) {
    expect(headers.get('content-type')).toBe('application/scim+json');
    expect(headers.get('x-request-id')).toMatch(/^\S{36}$/);
  }
});

test('over the real service, Okta imports, creates, changes and deactivates a user', async () => {
  const okta = createOktaClient(options);

  const created = await okta.createUser(aPerson());
  const id = created.body.id ?? '';
  const changed = await okta.updateUser(id, { title: 'Boss' });
  const off = await okta.deactivateUser(id);
  const imported = await okta.importUsers();

  expect([created, changed, off].map(({ status }) => status)).toEqual([201, 200, 200]);
  expect(imported).toContainEqual(off.body);
});

test('a body over the limit is answered 413 over the socket, not by a reset, said to be long or not', async () => {
  const text = `{"userName":"x","x":"${'x'.repeat(11_000_000)}"}`;
  const headers = { authorization: `Bearer ${options.token}`, 'content-type': 'application/scim+json' };

  const announced = await fetch(`${options.baseUrl}/Users`, { method: 'POST', headers, body: text });
  const chunked = await post(`${options.baseUrl}/Users`, headers, text);
  const anonymous = await fetch(`${options.baseUrl}/Users`, { method: 'POST', body: text });

  expect([announced.status, await announced.json()]).toMatchObject([413, { status: '413' }]);
  expect(chunked).toMatchObject({ status: 413, body: { status: '413' } });
  expect([anonymous.status, await anonymous.json()]).toMatchObject([401, { status: '401' }]);
});

/** Sends a body in chunks, with no length in front. */
function post(url: string, headers: Record<string, string>, text: string) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) }),
      );
    });
    sent.on('error', reject);
    for (let at = 0; at < text.length; at += 500_000) sent.write(text.slice(at, at + 500_000));
    sent.end();
  });
}

test('a method that is not known there is answered 405 over the socket, with a body that is no JSON', async () => {
  const headers = { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' };

  const response = await fetch(`${options.baseUrl}/Schemas`, { method: 'POST', headers, body: 'test' });

  expect([response.status, response.headers.get('allow'), await response.json()]).toMatchObject([
    405,
    'GET',
    { status: '405' },
  ]);
});
