import { expect, test } from 'vitest';
import { refusalOf } from '../../api/answers.ts';
import { aPerson } from '../../api/people.ts';
import { openWorld } from '../../support/world.ts';
import { aGroup, groupsOf, memberIds } from '../groups/group-clients.ts';
import { aFullDirectory, letPass, readAlarms } from './taking.ts';

const world = await openWorld();

/** The role and state of each of these users. */
function readUsers(tenantId: string, ids: readonly string[]) {
  return world.inTenant(tenantId, async ({ em }) => {
    const rows = await em.execute<{ id: string; is: string }[]>(
      `select id, role || case when removed_at is not null then ' removed' when active then ' active' else ' inactive' end as is
       from users where tenant_id = ?`,
      [tenantId],
    );
    const byId = new Map(rows.map((row) => [row.id, row.is]));
    return ids.map((id) => byId.get(id));
  });
}

test('exactly those come back whom the directory took since then, with their roles and groups; a second time nobody', async () => {
  const directory = await aFullDirectory(world, 12);
  const { tenantId, entra, client } = directory;
  const [before = '', byPeople = '', both = '', disabled = '', deleted = '', admin = '', ...rest] =
    directory.ids;
  const groups = groupsOf(directory);
  const groupId = await aGroup(directory, [disabled, admin, rest[0] ?? '']);
  await client.directory.users.setRole.mutate({ userId: admin, role: 'admin' });
  await entra.disableUser(before);
  await letPass(world, tenantId, 30);
  const since = new Date().toISOString();
  await client.directory.users.deactivate.mutate({ userId: byPeople });
  await entra.disableUser(both);
  await client.directory.users.deactivate.mutate({ userId: both });
  for (const id of [disabled, ...rest]) await entra.disableUser(id);
  await groups.entraRemoves(groupId, disabled, admin);
  for (const id of [deleted, admin, byPeople]) await entra.deleteUser(id);
  expect((await readAlarms(world, tenantId)).tasks).toEqual(['open']);

  const preview = await client.directory.restoreSync.mutate({ since, preview: true });
  const untouched = await readUsers(tenantId, directory.ids);
  const restored = await client.directory.restoreSync.mutate({ since });
  const again = await client.directory.restoreSync.mutate({ since });

  expect(preview).toMatchObject({ people: 10, reactivated: 9, memberships: 2 });
  expect(untouched[3]).toBe('member inactive');
  expect(restored).toEqual({ people: 10, reactivated: 9, memberships: 2 });
  expect(again).toEqual({ people: 0, reactivated: 0, memberships: 0 });
  expect(await readUsers(tenantId, directory.ids)).toEqual([
    'member inactive',
    'member inactive',
    'member inactive',
    'member active',
    'member active',
    'admin active',
    ...rest.map(() => 'member active'),
  ]);
  expect(memberIds(await groups.get(groupId))).toEqual([disabled, admin, rest[0] ?? ''].toSorted());
  expect((await readAlarms(world, tenantId)).tasks).toEqual(['done']);
});

test('nobody comes back where the plan has too few places, or somebody else has a name by now', async () => {
  const directory = await aFullDirectory(world, 8);
  const { tenantId, entra, send, ids } = directory;
  const since = new Date(Date.now() - 60_000).toISOString();
  const restore = () => world.operator.directory.restoreSync.mutate({ tenantId, since });
  const { body } = await entra.getUser(ids[0] ?? '');
  for (const id of ids.slice(0, 4)) await entra.deleteUser(id);
  const taken = await send('POST', '/Users', { body: { userName: body.userName } });

  const replaced = await refusalOf(restore());
  await entra.deleteUser(String(taken.body.id));
  const doubled = await refusalOf(restore());
  await send('POST', '/Users', { body: { userName: `other-${body.userName}` } });
  await world.inTenant(tenantId, ({ em }) =>
    em.execute(`delete from users where tenant_id = ? and id = ?`, [tenantId, taken.body.id]),
  );
  await world.operator.plans.setOverrides.mutate({ tenantId, limits: { users: 8 }, note: 'a test' });
  const full = await refusalOf(restore());

  expect(replaced).toMatchObject({ reason: 'CONFLICT', userIds: [ids[0]] });
  expect(doubled.reason).toBe('CONFLICT');
  expect(full).toMatchObject({ reason: 'PLAN_LIMIT_REACHED', limit: 'users' });
  expect(await readUsers(tenantId, ids.slice(0, 4))).toEqual(Array(4).fill('member removed'));
  await world.operator.plans.setOverrides.mutate({ tenantId, limits: { users: 20 }, note: 'a test' });
  expect(await restore()).toEqual({ people: 4, reactivated: 4, memberships: 0 });
});

test('of restorations at once one brings them back; a member may not, and of an owner only an owner', async () => {
  const directory = await aFullDirectory(world, 6);
  const { tenantId, entra, client, ids } = directory;
  await client.directory.users.setRole.mutate({ userId: ids[0] ?? '', role: 'owner' });
  for (const id of ids) await entra.disableUser(id);
  const since = new Date(Date.now() - 60_000).toISOString();

  const admin = await aPerson(world, tenantId, 'admin');
  const member = await aPerson(world, tenantId, 'member');

  for (const other of [admin, member]) {
    const refusal = await refusalOf(other.client.directory.restoreSync.mutate({ since }));
    expect(refusal.reason).toBe('PERMISSION_DENIED');
  }
  const all = await Promise.all([1, 2, 3, 4].map(() => client.directory.restoreSync.mutate({ since })));

  expect(all.map(({ people }) => people).filter((people) => people > 0)).toEqual([6]);
  expect(await readUsers(tenantId, ids)).toEqual(['owner active', ...Array(5).fill('member active')]);
});
