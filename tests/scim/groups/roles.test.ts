import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { mapGroupRole } from '../../../src/actions/people/group-mapping.ts';
import { AuditEvent } from '../../../src/db/entities/audit.ts';
import { refusalOf } from '../../api/answers.ts';
import { anOwner, openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { aGroup, groupsOf } from './group-clients.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const tenantId = directory.tenant.id;
const owner = await anOwner(world, directory.tenant);
const groups = groupsOf(directory);
const { groups: mapping, users } = world.operator.directory;
const map = (groupId: string, role: 'owner' | 'admin' | 'member' | null) =>
  mapping.mapRole.mutate({ tenantId, groupId, role });
const roleOf = async (userId: string) => (await users.get.query({ tenantId, userId })).role;

/** What the trail says of a user's role, oldest first. */
const roleChanges = (userId: string) =>
  world.inTenant(tenantId, async ({ em }) => {
    const where = { tenantId, targetId: userId, action: 'user.updated' as const };
    const events = await em.find(AuditEvent, where, { orderBy: { at: 'asc', id: 'asc' } });
    return events.map(({ actorKind, details }) => ({ actorKind, ...details }));
  });

test('a group that is mapped gives its members its role at once, and takes it back', async () => {
  const user = await aProvisionedUser(directory);
  const group = await aGroup(directory, [user]);

  const mapped = await map(group, 'admin');

  expect(mapped).toMatchObject({ id: group, role: 'admin', requiredForAccess: false });
  expect(await roleOf(user)).toBe('admin');
  await map(group, null);
  expect(await roleOf(user)).toBe('member');
  expect(await roleChanges(user)).toEqual([
    { actorKind: 'operator', before: { role: 'member' }, after: { role: 'admin' } },
    { actorKind: 'operator', before: { role: 'admin' }, after: { role: 'member' } },
  ]);
});

test('who comes into a mapped group has its role with the answer, and who leaves it has not', async () => {
  const [user, other] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];
  const group = await aGroup(directory);
  await map(group, 'admin');

  await groups.entraAdds(group, user, other);
  const during = [await roleOf(user), await roleOf(other)];
  await groups.entraRemoves(group, user);

  expect(during).toEqual(['admin', 'admin']);
  expect([await roleOf(user), await roleOf(other)]).toEqual(['member', 'admin']);
  await groups.remove(group);
  expect(await roleOf(other)).toBe('member');
  expect(await roleChanges(user)).toMatchObject([{ actorKind: 'scim' }, { actorKind: 'scim' }]);
});

test('the highest of all roles wins, that which people gave among them', async () => {
  const user = await aProvisionedUser(directory);
  const [admins, owners] = [await aGroup(directory, [user]), await aGroup(directory, [user])];
  await map(admins, 'admin');
  await map(owners, 'owner');

  expect(await roleOf(user)).toBe('owner');
  await groups.entraRemoves(owners, user);
  expect(await roleOf(user)).toBe('admin');
  await users.setRole.mutate({ tenantId, userId: user, role: 'admin' });
  await groups.entraRemoves(admins, user);
  expect(await roleOf(user)).toBe('admin');
  await groups.entraAdds(owners, user);
  expect(await users.setRole.mutate({ tenantId, userId: user, role: 'member' })).toMatchObject({
    role: 'owner',
  });
  await groups.entraRemoves(owners, user);
  expect(await roleOf(user)).toBe('member');
});

test('a group within a mapped one gives the role too, however deep and in a circle', async () => {
  const user = await aProvisionedUser(directory);
  const inner = await aGroup(directory, [user]);
  const middle = await aGroup(directory, [inner]);
  const outer = await aGroup(directory, [middle]);
  await map(outer, 'admin');

  expect(await roleOf(user)).toBe('admin');
  expect((await groups.entraAdds(inner, outer)).status).toBe(204);
  expect(await roleOf(user)).toBe('admin');
  await groups.entraRemoves(middle, inner);
  expect(await roleOf(user)).toBe('member');
  await groups.entraAdds(outer, inner);
  expect(await roleOf(user)).toBe('admin');
  await groups.remove(outer);
  expect(await roleOf(user)).toBe('member');
});

test('the groups of a user are told with it: direct, and by a group within another', async () => {
  const user = await aProvisionedUser(directory);
  const inner = await aGroup(directory, [user], `Inner ${randomUUID()}`);
  const outer = await aGroup(directory, [inner], `Outer ${randomUUID()}`);
  await groups.entraAdds(inner, outer);

  const { body } = await directory.entra.getUser(user);
  const found = await directory.entra.findUser('userName', String(body.userName));
  const patched = await directory.entra.updateUser(user, { op: 'Replace', path: 'title', value: 'x' });

  const told = [
    expect.objectContaining({ value: inner, type: 'direct', display: expect.stringMatching(/^Inner/) }),
    expect.objectContaining({
      value: outer,
      type: 'indirect',
      $ref: expect.stringMatching(`/Groups/${outer}$`),
    }),
  ];
  expect(body['groups']).toEqual(told);
  expect(found.body.Resources).toMatchObject([{ groups: told }]);
  expect(patched.body).toMatchObject({ groups: told, meta: { version: 'W/"2"' } });
  expect((await directory.okta.updateUser(user, { title: 'y', groups: [] })).body).toMatchObject({
    groups: told,
  });
});

test('a group cannot be a member of itself', async () => {
  const group = await aGroup(directory);

  const refused = await groups.entraAdds(group, group);

  expect(refused.status).toBe(400);
  expect(refused.body['detail']).toBe('members: a group cannot be a member of itself');
});

test('a change that would leave no active owner is refused, to people, operators and directories alike', async () => {
  const own = await aDirectory(world);
  const calls = groupsOf(own);
  const user = await aProvisionedUser(own);
  const group = await aGroup(own, [user]);
  const of = { tenantId: own.tenant.id, groupId: group };
  await mapping.mapRole.mutate({ ...of, role: 'owner' });

  const unmapped = await refusalOf(mapping.mapRole.mutate({ ...of, role: null }));
  const answers = [await calls.entraRemoves(group, user), await calls.remove(group)];

  expect(unmapped).toMatchObject({ reason: 'PERMISSION_DENIED' });
  for (const { status, body } of answers) {
    expect([status, body['detail']]).toEqual([403, 'the last active owner of a tenant must stay']);
  }
  expect(await users.get.query({ tenantId: own.tenant.id, userId: user })).toMatchObject({ role: 'owner' });
  await anOwner(world, own.tenant);
  expect((await calls.entraRemoves(group, user)).status).toBe(204);
});

test('an admin maps a group to admin and not to owner, nor away from it', async () => {
  const admin = await aProvisionedUser(directory);
  const group = await aGroup(directory);
  const asAdmin = { kind: 'user', id: admin, role: 'admin', emailVerified: true, sessionId: admin } as const;
  const mapAs = (role: 'owner' | 'admin' | null) =>
    world.inTenant(tenantId, (scope) => mapGroupRole(scope, { groupId: group, role }), asAdmin);

  await expect(mapAs('owner')).rejects.toMatchObject({ reason: 'PERMISSION_DENIED' });
  await expect(mapAs('admin')).resolves.toMatchObject({ role: 'admin' });
  await world.as(owner.accessToken).directory.groups.mapRole.mutate({ groupId: group, role: 'owner' });
  await expect(mapAs(null)).rejects.toMatchObject({ reason: 'PERMISSION_DENIED' });
});

test('groups are listed, newest first, and one is told with how many are in it', async () => {
  const user = await aProvisionedUser(directory);
  const inner = await aGroup(directory);
  const group = await aGroup(directory, [user, inner]);

  const { items } = await mapping.list.query({ tenantId, limit: 2 });

  expect(items.map(({ id }) => id)).toEqual([group, inner]);
  expect(await mapping.get.query({ tenantId, groupId: group })).toMatchObject({
    id: group,
    role: null,
    members: { users: 1, groups: 1 },
  });
  expect(await refusalOf(mapping.get.query({ tenantId, groupId: user }))).toMatchObject({
    reason: 'NOT_FOUND',
  });
});
