import { expect, test } from 'vitest';
import { connect } from '../../support/connection.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { aGroup, groupsOf, manyUsers, memberIds } from './group-clients.ts';

const isLong = Boolean(process.env['LONG']);
const world = await openWorld();
const directory = await aDirectory(world);
const groups = groupsOf(directory);
const statuses = (answers: readonly { status: number }[]) => new Set(answers.map(({ status }) => status));

test('200 additions and 50 removals of one member each, all at once, leave exactly who should be there', async () => {
  const users = await manyUsers(world, directory.tenant.id, 250);
  const [coming, going] = [users.slice(50), users.slice(0, 50)];
  const id = await aGroup(directory, going);

  const answers = await Promise.all(
    users.map((user, index) => (index < 50 ? groups.entraRemoves(id, user) : groups.entraAdds(id, user))),
  );

  expect(statuses(answers)).toEqual(new Set([204]));
  const after = await groups.get(id);
  expect(memberIds(after)).toEqual(coming);
  expect(after.body).toMatchObject({ meta: { version: 'W/"251"' } });
});

test('changes of several groups that share members and stand in each other end, all of them', async () => {
  const users = await manyUsers(world, directory.tenant.id, 20);
  const inner = await aGroup(directory, users);
  const outer = await aGroup(directory, [inner]);
  const { mapRole } = world.operator.directory.groups;
  const map = (role: 'admin' | null) =>
    mapRole.mutate({ tenantId: directory.tenant.id, groupId: outer, role });

  const answers = await Promise.all([
    ...users.slice(0, 10).map((user) => groups.entraRemoves(inner, user)),
    ...users.slice(5, 15).map((user) => groups.entraAdds(outer, user)),
    groups.entraRemoves(outer, inner),
    groups.entraAdds(inner, outer),
    map('admin').then(() => ({ status: 204 })),
  ]);

  expect(statuses(answers)).toEqual(new Set([204]));
  // Of the two groups only `inner` is left outside: who is in `outer` is an admin, and nobody else.
  const admins = await world.inTenant(directory.tenant.id, ({ em }) =>
    em.execute<{ id: string }[]>(`select id from users where role = 'admin' order by id`),
  );
  expect(admins.map(({ id }) => id)).toEqual(users.slice(5, 15));
});

test('10,000 members come in by one PATCH, and one more beside them, within five seconds', async () => {
  const users = await manyUsers(world, directory.tenant.id, 10_001);
  const id = await aGroup(directory);
  const began = performance.now();

  expect((await groups.entraAdds(id, ...users.slice(1))).status).toBe(204);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect((await groups.entraAdds(id, ...users.slice(0, 1))).status).toBe(204);
  expect(memberIds(await groups.get(id))).toEqual(users);
});

test('a look-up without members does not touch where members are kept', async () => {
  const own = await aDirectory(world);
  const id = await aGroup(own, await manyUsers(world, own.tenant.id, 3), 'All');
  const owner = await connect(world.database.ownerUrl);
  const tables = 'group_users, group_children';
  await owner(`revoke select on ${tables} from tenantry_tenant`);

  const found = await groupsOf(own).find('displayName eq "ALL"', '&excludedAttributes=members');
  const named = await own.send('GET', '/Groups?attributes=displayName');
  const whole = await groupsOf(own).find('displayName eq "ALL"');

  await owner(`grant select on ${tables} to tenantry_tenant`);
  expect(found.body.Resources).toMatchObject([{ id, displayName: 'All' }]);
  expect(named.status).toBe(200);
  expect(whole.status).toBe(500);
});

test.runIf(isLong)('50,000 members are replaced by one PATCH within ten seconds, and read', async () => {
  const users = await manyUsers(world, directory.tenant.id, 75_000);
  const id = await aGroup(directory);
  await groups.entraAdds(id, ...users.slice(0, 50_000));
  const value = users.slice(25_000).map((user) => ({ value: user }));
  const began = performance.now();

  expect((await groups.patch(id, { op: 'replace', path: 'members', value })).status).toBe(204);

  const taken = performance.now() - began;
  expect(taken).toBeLessThan(10_000);
  const reading = performance.now();
  expect(memberIds(await groups.get(id))).toEqual(users.slice(25_000));
  console.info({ replaceMs: Math.round(taken), readMs: Math.round(performance.now() - reading) });
});
