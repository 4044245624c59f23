import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser, publicUrl } from '../directory.ts';
import { aGroup, groupsOf, groupUrn, memberIds } from './group-clients.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const groups = groupsOf(directory);
const [ann, bob, cem] = [
  await aProvisionedUser(directory),
  await aProvisionedUser(directory),
  await aProvisionedUser(directory),
];

test('E-14: a group with an unknown schema and no members is made, with an empty list of members', async () => {
  const externalId = randomUUID();
  const made = await groups.create({
    schemas: [groupUrn, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
    externalId,
    displayName: 'Sales',
    meta: { resourceType: 'Group' },
  });

  const location = `${publicUrl}/scim/v2/${directory.tenant.slug}/Groups/${made.body.id}`;
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe(location);
  expect(made.headers.get('etag')).toBe('W/"1"');
  expect(made.body).toEqual({
    schemas: [groupUrn],
    id: expect.any(String),
    externalId,
    displayName: 'Sales',
    members: [],
    meta: {
      resourceType: 'Group',
      created: expect.any(String),
      lastModified: expect.any(String),
      location,
      version: 'W/"1"',
    },
  });
  expect((await groups.get(made.body.id ?? '')).body).toEqual(made.body);
});

test('a displayName is taken in any case, an externalId in its own', async () => {
  const displayName = `Straße ${randomUUID()}`;
  await groups.create({ displayName, externalId: `Ext-${displayName}` });

  const sameName = await groups.create({
    displayName: displayName.toUpperCase().replace('STRASSE', 'STRAßE'),
  });
  const sameId = await groups.create({ displayName: randomUUID(), externalId: `Ext-${displayName}` });
  const otherCase = await groups.create({ displayName: randomUUID(), externalId: `ext-${displayName}` });

  expect(sameName.status).toBe(409);
  expect(sameName.body).toMatchObject({
    scimType: 'uniqueness',
    detail: 'a group with this displayName exists',
  });
  expect(sameId.status).toBe(409);
  expect(sameId.body).toMatchObject({
    scimType: 'uniqueness',
    detail: 'a group with this externalId exists',
  });
  expect(otherCase.status).toBe(201);
});

test('E-15, O-2: a group is found by its name in any case and by its externalId, with and without members', async () => {
  const displayName = `Found ${randomUUID()}`;
  const id = await aGroup(directory, [ann], displayName);
  await groups.patch(id, { op: 'add', path: 'externalId', value: 'AbC' });

  const whole = await groups.find(`displayName eq "${displayName.toUpperCase()}"`);
  const without = await groups.find(`externalId eq "AbC"`, '&excludedAttributes=members');

  expect(whole.body).toMatchObject({ totalResults: 1, startIndex: 1, itemsPerPage: 1 });
  expect(whole.body.Resources).toMatchObject([{ id, displayName, members: [{ value: ann }] }]);
  expect(without.body.Resources).toMatchObject([{ id, externalId: 'AbC' }]);
  expect(without.body.Resources?.[0]).not.toHaveProperty('members');
  expect((await groups.find('externalId eq "abc"')).body).toMatchObject({ totalResults: 0, Resources: [] });
  expect((await groups.get(id, '?excludedAttributes=members')).body).not.toHaveProperty('members');
});

test('a member is shown with where it is found, what it is and its name, if it has one', async () => {
  const inner = await aGroup(directory, [], `Inner ${randomUUID()}`);
  const outer = await aGroup(directory, [ann, inner]);

  const { body } = await groups.get(outer);

  const base = `${publicUrl}/scim/v2/${directory.tenant.slug}`;
  expect(body['members']).toEqual(
    expect.arrayContaining([
      { value: ann, $ref: `${base}/Users/${ann}`, type: 'User' },
      {
        value: inner,
        $ref: `${base}/Groups/${inner}`,
        type: 'Group',
        display: expect.stringMatching(/^Inner/),
      },
    ]),
  );
  expect((await groups.get(outer, '?attributes=members.value')).body).toEqual({
    schemas: [groupUrn],
    id: outer,
    members: expect.arrayContaining([{ value: ann }, { value: inner }]),
  });
});

test('O-9: PUT replaces the name and the whole list of members', async () => {
  const id = await aGroup(directory, [ann, bob]);
  const displayName = `Put ${randomUUID()}`;

  const put = await groups.put(id, {
    schemas: [groupUrn],
    id,
    displayName,
    members: [
      { value: bob, display: null },
      { value: cem, display: null },
    ],
  });

  expect(put.status).toBe(200);
  expect(put.body).toMatchObject({ id, displayName, meta: { version: 'W/"2"' } });
  expect(memberIds(put)).toEqual([bob, cem].toSorted());
});

test.each([
  ['says nothing of members', {}],
  ['says null, as authentik does', { members: null }],
])('a PUT that %s leaves them as they are, and an empty list empties', async (_, said) => {
  const id = await aGroup(directory, [ann, bob]);
  const displayName = randomUUID();

  const kept = await groups.put(id, { displayName, externalId: null, ...said });
  const emptied = await groups.put(id, { displayName, members: [] });

  expect(memberIds(kept)).toEqual([ann, bob].toSorted());
  expect(emptied.body).toMatchObject({ members: [], meta: { version: 'W/"3"' } });
});

test('a PUT of what GET answered changes nothing and moves no version', async () => {
  const id = await aGroup(directory, [ann]);
  const before = await groups.get(id);

  const put = await groups.put(id, before.body);

  expect(put.status).toBe(200);
  expect(put.body).toEqual(before.body);
});

test('what a client says of an id, of meta and of unknown attributes is ignored', async () => {
  const made = await groups.create({
    id: ann,
    displayName: randomUUID(),
    meta: { version: 'x' },
    color: 'red',
  });

  expect(made.status).toBe(201);
  expect(made.body.id).not.toBe(ann);
  expect(made.body).not.toHaveProperty('color');
});

test('O-10: a removed group is gone, and its members stay', async () => {
  const id = await aGroup(directory, [ann]);

  expect((await groups.remove(id)).status).toBe(204);

  expect((await groups.remove(id)).status).toBe(404);
  expect((await groups.get(id)).status).toBe(404);
  expect((await groups.entraAdds(id, ann)).status).toBe(404);
  expect((await directory.entra.getUser(ann)).status).toBe(200);
});

test('an id of another tenant, of a user or of nobody is no group', async () => {
  const other = await aDirectory(world);
  const id = await aGroup(directory, [ann]);

  const answers = [
    await groupsOf(other).get(id),
    await groups.get(ann),
    await groups.get(randomUUID()),
    await groups.get(id.toUpperCase()),
    await groups.get('none'),
  ];

  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(404);
});

test('a user of another tenant cannot be a member', async () => {
  const other = await aDirectory(world);
  const stranger = await aProvisionedUser(other);
  const id = await aGroup(directory, [ann]);

  const refused = await groups.entraAdds(id, stranger);

  expect(refused.status).toBe(400);
  expect(memberIds(await groups.get(id))).toEqual([ann]);
});

test('groups are listed in the order in which they were made, in pages', async () => {
  const own = await aDirectory(world);
  const made = [await aGroup(own), await aGroup(own), await aGroup(own)];

  const first = await own.send('GET', '/Groups?startIndex=1&count=2');
  const second = await own.send('GET', '/Groups?startIndex=3&count=2');

  expect(first.body).toMatchObject({ totalResults: 3, itemsPerPage: 2 });
  expect(second.body).toMatchObject({ totalResults: 3, itemsPerPage: 1, startIndex: 3 });
  expect([...(first.body.Resources ?? []), ...(second.body.Resources ?? [])].map(({ id }) => id)).toEqual(
    made,
  );
});

test('a group changes for who knows its version, and is answered 304 to who has it', async () => {
  const id = await aGroup(directory, [ann]);
  const send = (version: string, method: string, body?: object) =>
    directory.send(method, `/Groups/${id}`, { headers: { 'if-match': version }, ...(body && { body }) });
  const rename = { displayName: randomUUID() };

  expect((await send('W/"2"', 'PUT', rename)).status).toBe(412);
  expect((await send('W/"1"', 'PUT', rename)).status).toBe(200);
  expect((await send('W/"1"', 'DELETE')).status).toBe(412);
  const known = await directory.send('GET', `/Groups/${id}`, { headers: { 'if-none-match': 'W/"2"' } });
  expect({ status: known.status, text: known.text, etag: known.headers.get('etag') }).toEqual({
    status: 304,
    text: '',
    etag: 'W/"2"',
  });
  expect((await send('W/"2"', 'DELETE')).status).toBe(204);
});
