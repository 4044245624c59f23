import { expect, test } from 'vitest';
import { aDirectory, aPerson, aProvisionedUser } from '../scim/directory.ts';
import { aGroup, groupsOf } from '../scim/groups/group-clients.ts';
import { expectError } from '../scim/expected-error.ts';
import { anOwner } from '../support/world.ts';
import { openReceiver } from './receiver.ts';
import { anOperatorEndpoint, openWebhookWorld } from './webhook-world.ts';

const world = await openWebhookWorld();
const ears = await anOperatorEndpoint(world);
const directory = await aDirectory(world);
const { entra, okta, tenant } = directory;
const receiver = await openReceiver();
await world.operator.webhooks.create.mutate({ tenantId: tenant.id, url: receiver.url });

/** What the tenant's endpoint hears of what `happen` does, in its order. */
async function hear(happen: () => Promise<unknown>) {
  await world.deliver();
  receiver.received.splice(0);
  await happen();
  await world.deliver();
  return receiver.received.map(({ event }) => [event.type, event.data.details]);
}

test('of a user its tenant’s endpoint hears each change once, and of what changes nothing not a word', async () => {
  const { body } = await entra.createUser(aPerson());
  const userId = body.id ?? '';
  const title = { op: 'Replace', path: 'title', value: 'x' };
  const disable = { op: 'Replace', path: 'active', value: 'False' };

  expect(await hear(() => entra.updateUser(userId, title))).toEqual([
    ['user.updated', { userId, changed: ['title'] }],
  ]);
  expect(await hear(() => entra.updateUser(userId, title))).toEqual([]);
  expect(await hear(() => entra.updateUser(userId, disable, { ...title, value: 'y' }))).toEqual([
    ['user.deprovisioned', { userId, removed: false }],
    ['user.updated', { userId, changed: ['title'] }],
  ]);
  expect(await hear(() => okta.deactivateUser(userId))).toEqual([]);
  expect(await hear(() => okta.updateUser(userId, { active: true }))).toEqual([
    ['user.reactivated', { userId }],
  ]);
  expect(await hear(() => entra.deleteUser(userId))).toEqual([
    ['user.deprovisioned', { userId, removed: true }],
  ]);
  expect(await hear(() => entra.deleteUser(userId))).toEqual([]);
});

test('a user who came is told with ids alone, to the tenant’s endpoint and to no operator’s', async () => {
  const person = aPerson();
  const told = await hear(() => entra.createUser(person));

  expect(told).toEqual([['user.provisioned', { userId: expect.any(String), origin: 'scim', active: true }]]);
  expect(receiver.received.map(({ body }) => body).join('')).not.toContain(person.userName);
  expect(ears.receiver.received.filter(({ event }) => event.type.startsWith('user.'))).toEqual([]);
});

test('a change that is refused is told to nobody', async () => {
  await anOwner(world, tenant);
  const owner = (await entra.findUser('userName', tenant.ownerEmail)).body.Resources?.[0]?.id ?? '';
  const taken = aPerson();
  await entra.createUser(taken);

  const told = await hear(async () => {
    expectError(await entra.disableUser(owner), 403);
    expectError(await entra.createUser(taken), 409, 'uniqueness');
  });

  expect(told).toEqual([]);
});

test('a group’s members are told as what changed, at most 1,000 an event', async () => {
  const [one, two] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];
  const calls = groupsOf(directory);
  let groupId = '';

  const made = await hear(async () => {
    groupId = await aGroup(directory, [one]);
  });
  const changed = await hear(() => calls.entraAdds(groupId, one, two));
  const removed = await hear(() => calls.entraRemoves(groupId, one));
  const gone = await hear(() => directory.send('DELETE', `/Groups/${groupId}`));

  expect(made).toEqual([
    ['group.created', { groupId }],
    ['membership.added', { groupId, userIds: [one] }],
  ]);
  expect(changed).toEqual([['membership.added', { groupId, userIds: [two] }]]);
  expect(removed).toEqual([['membership.removed', { groupId, userIds: [one] }]]);
  expect(gone).toEqual([['group.deleted', { groupId }]]);
});

test('a role that a group gives is told as a change of its user', async () => {
  const userId = await aProvisionedUser(directory);
  const groupId = await aGroup(directory);
  await world.operator.directory.groups.mapRole.mutate({ tenantId: tenant.id, groupId, role: 'admin' });

  expect(await hear(() => groupsOf(directory).entraAdds(groupId, userId))).toEqual([
    ['membership.added', { groupId, userIds: [userId] }],
    ['user.updated', { userId, changed: ['role'] }],
  ]);
});
