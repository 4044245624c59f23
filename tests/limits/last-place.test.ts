import { expect, test } from 'vitest';
import { Invitation } from '../../src/db/entities/work.ts';
import { theOwner } from '../api/people.ts';
import { aPartnership, beginSignIn, aPerson as aStranger } from '../sso/partnership.ts';
import { createEntraClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';
import { accept, addInvitations, addUsers, anEmail, recount } from './crowd.ts';

const world = await openWorld();
const other = await world.another({ ROLE: 'web' });

const pick = <T>(list: readonly T[], at: number) => list[at % list.length] as T;

/** An enterprise tenant with one place left, each of its doors at either of two services, and who has a place already. */
async function oneLeft() {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const partnership = await aPartnership(world, { tenant });
  const { token, baseUrl } = await aScimToken(world, tenant);
  const clients = [owner.client, world.as(owner.accessToken, other.url)];
  const directories = [baseUrl, baseUrl.replace(world.url, other.url)].map((url) =>
    createEntraClient({ baseUrl: url, token, fetch }),
  );
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 14, false));
  const invited = await world.inTenant(tenant.id, async (scope) => {
    await addInvitations(scope, 8);
    const open = await scope.em.find(Invitation, { tenantId: tenant.id, acceptedAt: null });
    return open.map(({ email }) => email);
  });
  const { items } = await owner.client.directory.users.list.query({ limit: 50 });
  const inactive = items.filter(({ active }) => !active).map(({ id }) => id);
  const { users } = await recount(world, tenant);
  await world.operator.plans.setOverrides.mutate({
    tenantId: tenant.id,
    limits: { users: users + 1 },
    note: 'one more',
  });
  return { tenant, partnership, clients, directories, inactive, invited, limit: users + 1 };
}

test('64 at once, by every door and at two services: who is invited gets in, and of the others one', async () => {
  const { tenant, partnership, clients, directories, inactive, invited, limit } = await oneLeft();
  const signIns = await Promise.all(
    Array.from({ length: 14 }, () => beginSignIn(partnership, { person: aStranger() })),
  );

  const accepted = Promise.all(
    invited.map(async (email) => (await accept(world, tenant.id, email)).status === 201),
  );
  const others = Promise.all([
    ...Array.from({ length: 14 }, (_, at) =>
      pick(clients, at)
        .directory.users.invite.mutate({ email: anEmail(), role: 'member' })
        .then(
          () => true,
          () => false,
        ),
    ),
    ...Array.from({ length: 14 }, async (_, at) => {
      const email = anEmail();
      const person = { userName: email, externalId: email, givenName: 'C', familyName: 'D', email };
      return (await pick(directories, at).createUser(person)).status === 201;
    }),
    ...inactive.map(async (id, at) => (await pick(directories, at).enableUser(id)).status === 200),
    ...signIns.map(async ({ post }) => (await post()).status === 303),
  ]);

  expect(await accepted).toEqual(invited.map(() => true));
  expect(await others).toHaveLength(56);
  expect((await others).filter(Boolean)).toHaveLength(1);
  expect(await recount(world, tenant)).toMatchObject({ users: limit, limit });
});
