import { expect, test } from 'vitest';
import { deleteExpired } from '../../../src/actions/operations/housekeeping.ts';
import { startSession } from '../../../src/actions/people/sessions.ts';
import { RemovedMembership } from '../../../src/db/entities/group.ts';
import { User } from '../../../src/db/entities/user.ts';
import { anOwner, openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { aGroup, groupsOf } from './group-clients.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const tenantId = directory.tenant.id;
const owner = await anOwner(world, directory.tenant);
const groups = groupsOf(directory);
const admin = world.operator.directory;
const required = (groupId: string, required = true) =>
  admin.groups.requireForAccess.mutate({ tenantId, groupId, required });

/** A group that is required for access, with these members. */
async function aRequiredGroup(...members: string[]): Promise<string> {
  const id = await aGroup(directory, members);
  expect(await required(id)).toMatchObject({ id, requiredForAccess: true });
  return id;
}

const standing = (id: string) =>
  world.inTenant(tenantId, async ({ em }) => {
    const { active, deactivatedBy } = await em.findOneOrFail(User, { tenantId, id });
    const [sessions] = await em.execute<{ open: number }[]>(
      `select count(*)::int as open from sessions where user_id = ? and ended_at is null`,
      [id],
    );
    return { active, by: deactivatedBy ?? null, sessions: sessions?.open };
  });
const signIn = (id: string) =>
  world.inTenant(tenantId, async (scope) => {
    await startSession(scope, await scope.em.findOneOrFail(User, { tenantId, id }), { method: 'saml' });
  });
const cleanAfter = (days: number) => {
  const now = new Date(Date.now() + days * 86_400_000);
  return world.db.inTenant({ ...world.entry({ kind: 'system' }), now, tenantId }, deleteExpired);
};
const events = async (id: string) => (await directory.audit(id)).map(({ action }) => action);

test('who leaves the last required group loses access and sessions at once, and has access back on returning', async () => {
  const user = await aProvisionedUser(directory);
  const [one, other] = [await aRequiredGroup(user), await aRequiredGroup(user)];
  await signIn(user);

  await groups.entraRemoves(one, user);
  const between = await standing(user);
  await groups.entraRemoves(other, user);

  expect(between).toEqual({ active: true, by: null, sessions: 1 });
  expect(await standing(user)).toEqual({ active: false, by: 'group', sessions: 0 });
  expect((await directory.entra.getUser(user)).body).toMatchObject({ active: false });
  await groups.entraAdds(one, user);
  expect(await standing(user)).toEqual({ active: true, by: null, sessions: 0 });
  expect(await events(user)).toEqual([
    'user.created',
    'session.started',
    'user.deactivated',
    'user.reactivated',
  ]);
});

test('a group within a required one gives the access too, and a group that is removed takes it', async () => {
  const user = await aProvisionedUser(directory);
  const inner = await aGroup(directory, [user]);
  const outer = await aRequiredGroup(inner);

  await groups.entraRemoves(outer, inner);
  const outside = await standing(user);
  await groups.entraAdds(outer, inner);
  const inside = await standing(user);
  await groups.remove(outer);

  expect([outside.active, inside.active]).toEqual([false, true]);
  expect(await standing(user)).toMatchObject({ active: false, by: 'group' });
});

test('nobody loses access who has not left such a group, nor whom no directory has provisioned', async () => {
  const [never, user] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];
  const plain = await aGroup(directory, [never, user]);
  const group = await aRequiredGroup(user, owner.user.id);

  await groups.entraRemoves(plain, never, user);
  await groups.entraRemoves(group, owner.user.id);

  expect(await standing(never)).toMatchObject({ active: true });
  expect(await standing(user)).toMatchObject({ active: true });
  expect(await standing(owner.user.id)).toMatchObject({ active: true });
});

test('a directory does not bring back who is outside, and its groups do not bring back whom it took', async () => {
  const [lost, taken] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];
  const group = await aRequiredGroup(lost, taken);
  await groups.entraRemoves(group, lost);
  await directory.entra.disableUser(taken);

  const held = await directory.entra.enableUser(lost);
  await groups.entraRemoves(group, taken);
  await groups.entraAdds(group, taken);

  expect([held.status, held.body.active]).toEqual([200, false]);
  expect(await standing(lost)).toMatchObject({ active: false, by: 'group' });
  expect(await standing(taken)).toMatchObject({ active: false, by: 'directory' });
  await admin.users.reactivate.mutate({ tenantId, userId: lost });
  expect(await standing(lost)).toMatchObject({ active: true, by: null });
});

test('a group that is not required any more holds nobody outside', async () => {
  const own = await aDirectory(world);
  const of = { tenantId: own.tenant.id };
  const user = await aProvisionedUser(own);
  const group = await aGroup(own, [user]);
  await admin.groups.requireForAccess.mutate({ ...of, groupId: group, required: true });
  await groupsOf(own).entraRemoves(group, user);
  const outside = await own.entra.getUser(user);

  await admin.groups.requireForAccess.mutate({ ...of, groupId: group, required: false });

  expect(outside.body.active).toBe(false);
  expect((await own.entra.enableUser(user)).body.active).toBe(true);
});

test('the last active owner keeps access, and the group its member', async () => {
  const own = await aDirectory(world);
  const user = await aProvisionedUser(own);
  const group = await aGroup(own, [user]);
  const of = { tenantId: own.tenant.id };
  await admin.users.setRole.mutate({ ...of, userId: user, role: 'owner' });
  await admin.groups.requireForAccess.mutate({ ...of, groupId: group, required: true });

  const refused = await groupsOf(own).entraRemoves(group, user);

  expect(refused.status).toBe(403);
  expect(refused.body['detail']).toBe('the last active owner of a tenant must stay');
  expect((await own.entra.getUser(user)).body).toMatchObject({ active: true, groups: [{ value: group }] });
});

test('whom a directory took out of a group is known for thirty days', async () => {
  const [kept, back] = [await aProvisionedUser(directory), await aProvisionedUser(directory)];
  const group = await aGroup(directory, [kept, back]);
  const known = () =>
    world.inTenant(tenantId, ({ em }) => em.find(RemovedMembership, { tenantId, group: [tenantId, group] }));
  await groups.entraRemoves(group, kept, back);
  await groups.put(group, { displayName: 'Put', members: [{ value: back }] });

  await cleanAfter(29);
  const before = await known();
  await cleanAfter(31);

  expect(before.map(({ user }) => user.id).toSorted()).toEqual([kept, back].toSorted());
  expect(await known()).toEqual([]);
});
