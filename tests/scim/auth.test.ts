import { expect, test } from 'vitest';
import { createScimClient } from '../support/scim-client.ts';
import { aScimToken, openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser, mountScim, publicUrl } from './directory.ts';

const world = await openWorld();
const ours = await aDirectory(world);
const theirs = await aDirectory(world);

async function ask(slug: string, authorization?: string) {
  const { fetch } = mountScim(world);
  const init = { headers: authorization === undefined ? {} : { authorization } };
  const response = await fetch(`${publicUrl}/scim/v2/${slug}/Users`, init);
  const headers = Object.fromEntries(response.headers);
  delete headers['x-request-id'];
  return { status: response.status, headers, text: await response.text() };
}

test('a token is taken after Bearer, in any case, and bare as the header authentication of Okta sends it', async () => {
  const { token, tenant } = ours;

  const answers = await Promise.all(
    [`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token} `, token].map((value) =>
      ask(tenant.slug, value),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('whatever is wrong with the credentials, the answer is the same to the byte', async () => {
  const expired = await aScimToken(world, ours.tenant);
  const revoked = await aScimToken(world, ours.tenant);
  await world.inTenant(ours.tenant.id, ({ em }) =>
    em.execute(`update scim_tokens set expires_at = now() - interval '1 second' where id = ?`, [expired.id]),
  );
  await world.operator.connections.scim.revokeToken.mutate({
    tenantId: ours.tenant.id,
    tokenId: revoked.id,
  });
  const { slug } = ours.tenant;

  const answers = await Promise.all([
    ask(slug),
    ask(slug, ''),
    ask(slug, 'non-token'),
    ask(slug, 'Bearer '),
    ask(slug, `Basic ${btoa(`x:${ours.token}`)}`),
    ask(slug, `Bearer ${theirs.token}`),
    ask(slug, `Bearer ${expired.token}`),
    ask(slug, `Bearer ${revoked.token}`),
    ask('no-such-tenant', `Bearer ${ours.token}`),
    ask(slug.toUpperCase(), `Bearer ${ours.token}`),
    ask('%00', `Bearer ${ours.token}`),
    ask('%ED%A0%80', `Bearer ${ours.token}`),
  ]);

  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toEqual({
    status: 401,
    headers: { 'content-type': 'application/scim+json', 'www-authenticate': 'Bearer realm="SCIM"' },
    text: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '401',
      detail: 'send a valid token of this tenant in Authorization',
    }),
  });
});

test('a token that was rotated and its successor both work during the overlap', async () => {
  const old = await aScimToken(world, ours.tenant);

  const next = await world.operator.connections.scim.rotateToken.mutate({
    tenantId: ours.tenant.id,
    tokenId: old.id,
  });

  const answers = await Promise.all(
    [old.token, next.token].map((token) => ask(ours.tenant.slug, `Bearer ${token}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});

test("another tenant's user is answered like a user who does not exist, for every method", async () => {
  const id = await aProvisionedUser(theirs);
  const unknown = crypto.randomUUID();
  const body = { userName: 'taken-over@x.example', active: false };
  const patch = { Operations: [{ op: 'replace', value: { active: false } }] };

  for (const [method, sent] of [['GET'], ['PUT', body], ['PATCH', patch], ['DELETE']] as const) {
    const foreign = await ours.send(method, `/Users/${id}`, sent && { body: sent });
    const nobody = await ours.send(method, `/Users/${unknown}`, sent && { body: sent });

    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(nobody.text);
  }
  expect((await theirs.entra.getUser(id)).body).toMatchObject({ active: true, meta: { version: 'W/"1"' } });
});

test('a list and a filter show the users of the own tenant only', async () => {
  const id = await aProvisionedUser(theirs, { userName: 'only-theirs@x.example' });

  const listed = await ours.send('GET', '/Users?count=200');
  const found = await ours.entra.findUser('userName', 'only-theirs@x.example');
  const byId = await ours.entra.findUser('id', id);

  expect(listed.text).not.toContain('only-theirs');
  expect([found.body.totalResults, byId.body.totalResults]).toEqual([0, 0]);
});

test('two tenants may have the same userName and externalId', async () => {
  const person = {
    userName: 'same@x.example',
    externalId: 'same',
    givenName: 'S',
    familyName: 'A',
    email: 's@x.example',
  };

  const answers = await Promise.all([ours.entra.createUser(person), theirs.entra.createUser(person)]);

  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
});

test('what a directory does is recorded under its token', async () => {
  const second = await aScimToken(world, ours.tenant);
  const client = createScimClient({ ...ours, token: second.token });

  const { body } = await client.send('POST', '/Users', { body: { userName: 'by-second@x.example' } });

  expect(await ours.audit(body.id ?? '')).toEqual([
    { action: 'user.created', actorKind: 'scim', actorId: second.id },
  ]);
});
