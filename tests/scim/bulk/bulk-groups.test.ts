import { expect, test } from 'vitest';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { groupsOf, memberIds } from '../groups/group-clients.ts';
import { creation, idAt, sendBulk } from './bulk-body.ts';

const directory = await aDirectory(await openWorld());
const groups = groupsOf(directory);

/** The creation of a group whose members other operations create. */
function groupOf(bulkId: string, ...members: string[]) {
  const data = {
    displayName: `${bulkId}-${crypto.randomUUID()}`,
    members: members.map((one) => ({ value: `bulkId:${one}` })),
  };
  return { method: 'POST', path: '/Groups', bulkId, data };
}

function byText(one = '', other = ''): number {
  return one < other ? -1 : 1;
}

async function membersOf(id: string): Promise<string[]> {
  return memberIds(await groups.get(id));
}

test('a group holds users and groups that are created after it in the same request', async () => {
  const { done, statuses } = await sendBulk(directory, [
    groupOf('all', 'u1', 'team', 'u2'),
    creation('u1'),
    creation('u2'),
    groupOf('team', 'u2'),
  ]);

  const [all, u1, u2, team] = done.map(idAt);
  expect(statuses).toEqual(['201', '201', '201', '201']);
  expect(await membersOf(all ?? '')).toEqual([u1, u2, team].toSorted(byText));
  expect(await membersOf(team ?? '')).toEqual([u2]);
  expect(done.map(({ version }) => version)).toEqual(['W/"1"', 'W/"1"', 'W/"1"', 'W/"1"']);
});

test('members are added and removed by the bulkId of who is created in the same request', async () => {
  const stays = await aProvisionedUser(directory);
  const { done, statuses } = await sendBulk(directory, [
    groupOf('g', 'a', 'b'),
    creation('a'),
    creation('b'),
    creation('c'),
    {
      method: 'PATCH',
      path: '/Groups/bulkId:g',
      data: patchBody(
        { op: 'Remove', path: 'members[value eq "bulkId:a"]' },
        { op: 'Remove', path: 'members', value: [{ $ref: null, value: 'bulkId:b' }] },
        { op: 'Add', path: 'members', value: [{ value: 'bulkId:c' }, { value: stays }] },
      ),
    },
  ]);

  const [group, , , c] = done.map(idAt);
  expect(statuses).toEqual(['201', '201', '201', '201', '204']);
  expect(done[4]?.version).toBe('W/"2"');
  expect(await membersOf(group ?? '')).toEqual([c, stays].toSorted(byText));
});

test('groups that hold each other are created, and each is told whether the circle could be closed', async () => {
  const { done } = await sendBulk(directory, [groupOf('x', 'y', 'u'), groupOf('y', 'x', 'u'), creation('u')]);

  const [x, y, u] = done.map(idAt);
  expect(done[0]?.status).toBe('201');
  expect(await membersOf(x ?? '')).toEqual([y, u].toSorted(byText));
  expect([done[1]?.status, await membersOf(y ?? '')]).toEqual(['201', [x, u].toSorted(byText)]);
});

test('a member that is not created leaves the group uncreated, and the others as they are', async () => {
  const group = groupOf('g', 'u', 'bad');

  const { statuses } = await sendBulk(directory, [
    group,
    creation('u'),
    { ...creation('bad'), data: { userName: '' } },
  ]);

  expect(statuses).toEqual(['409', '201', '400']);
  const found = await groups.find(`displayName eq "${group.data.displayName}"`);
  expect(found.body.totalResults).toBe(0);
});
