import { expect, test } from 'vitest';
import { theOwner } from '../api/people.ts';
import { aPartnership, beginSignIn, aPerson as aStranger } from '../sso/partnership.ts';
import { createEntraClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';
import { addUsers, anEmail, recount } from './crowd.ts';

const world = await openWorld();
const other = await world.another({ ROLE: 'web' });

const pick = <T>(list: readonly T[], at: number) => list[at % list.length] as T;

/** An enterprise tenant with one place left, and each of its doors at either of two services. */
async function oneLeft() {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const partnership = await aPartnership(world, { tenant });
  const { token, baseUrl } = await aScimToken(world, tenant);
  const clients = [owner.client, world.as(owner.accessToken, other.url)];
  const directories = [baseUrl, baseUrl.replace(world.url, other.url)].map((url) =>
    createEntraClient({ baseUrl: url, token, fetch }),
  );
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 16, false));
  const { items } = await owner.client.directory.users.list.query({ limit: 50 });
  const inactive = items.filter(({ active }) => !active).map(({ id }) => id);
  const { users } = await recount(world, tenant);
  await world.operator.plans.setOverrides.mutate({
    tenantId: tenant.id,
    limits: { users: users + 1 },
    note: 'one more',
  });
  return { tenant, partnership, clients, directories, inactive, limit: users + 1 };
}

test('64 who want the last place at once, by every door and at two services, get it once', async () => {
  const { tenant, partnership, clients, directories, inactive, limit } = await oneLeft();
  const signIns = await Promise.all(
    Array.from({ length: 16 }, () => beginSignIn(partnership, { person: aStranger() })),
  );

  const answers = await Promise.all([
    ...Array.from({ length: 16 }, (_, at) =>
      pick(clients, at)
        .directory.users.invite.mutate({ email: anEmail(), role: 'member' })
        .then(
          () => true,
          () => false,
        ),
    ),
    ...Array.from({ length: 16 }, async (_, at) => {
      const email = anEmail();
      const person = { userName: email, externalId: email, givenName: 'C', familyName: 'D', email };
      return (await pick(directories, at).createUser(person)).status === 201;
    }),
    ...inactive.map(async (id, at) => (await pick(directories, at).enableUser(id)).status === 200),
    ...signIns.map(async ({ post }) => (await post()).status === 303),
  ]);

  expect(answers).toHaveLength(64);
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await recount(world, tenant)).toMatchObject({ users: limit, limit });
});
