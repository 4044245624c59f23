import { expect, test } from 'vitest';
import { RefreshToken, UserToken } from '../../src/db/entities/session.ts';
import { UserIdentity } from '../../src/db/entities/user.ts';
import { addUsers } from '../limits/crowd.ts';
import { aScimToken, anOwner, aTenant, openWorld } from '../support/world.ts';
import {
  aPartnership,
  aPerson,
  beginSignIn,
  exchange,
  listUsers,
  type Partnership,
  signIn,
  traceOf,
} from './partnership.ts';

const world = await openWorld();
const partnership = await aPartnership(world);
const tenantId = partnership.tenant.id;

/** What the tenant's directory does. */
async function aDirectory({ tenant }: Partnership) {
  const { token, baseUrl } = await aScimToken(world, tenant);
  const path = baseUrl.slice(world.url.length);
  return {
    create: async (userName: string, more: object = {}): Promise<string> => {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
      const emails = [{ value: userName, type: 'work', primary: true }];
      const { body } = await world.send(`${path}/Users`, {
        body: { schemas, userName, emails, active: true, ...more },
        token,
      });
      return body.id;
    },
    remove: (id: string) => world.send(`${path}/Users/${id}`, { method: 'DELETE', token }),
  };
}

test('several first sign-ins of one person at once make one user, and all get in', async () => {
  // Whether they meet is chance: five times they nearly always do.
  for (const person of [aPerson(), aPerson(), aPerson(), aPerson(), aPerson()]) {
    const begun = await Promise.all(Array.from({ length: 6 }, () => beginSignIn(partnership, { person })));

    const answers = await Promise.all(begun.map(({ post }) => post()));

    expect(answers.map(({ status }) => status)).toEqual(begun.map(() => 303));
    const made = (await listUsers(partnership)).filter(({ email }) => email === person.email);
    expect(made).toHaveLength(1);
  }
});

test('first sign-ins at once of somebody whom the directory has provisioned all get in', async () => {
  const person = aPerson();
  const directory = await aDirectory(partnership);
  const id = await directory.create(person.nameId);
  const begun = await Promise.all(Array.from({ length: 4 }, () => beginSignIn(partnership, { person })));

  const sessions = [];
  for (const answer of await Promise.all(begun.map(({ post }) => post())))
    sessions.push(await exchange(world, answer));

  expect(sessions.map(({ body }) => body.user.id)).toEqual(begun.map(() => id));
});

test('an unknown person is refused where the connection makes no users', async () => {
  const strict = await aPartnership(world, { jit: 'off' });

  const answer = await signIn(strict);

  await traceOf(strict, answer, 'user_unknown');
  expect(await listUsers(strict)).toEqual([]);
});

test.each(['nameId', 'email', 'externalId'])('a user of the directory is linked by %s', async (by) => {
  const person = aPerson();
  const directory = await aDirectory(partnership);
  const email = person.email ?? '';
  const id = await directory.create(
    by === 'externalId' ? `x-${email}` : email,
    by === 'externalId' ? { externalId: 'ext-1' } : {},
  );
  const nameId = { nameId: person.nameId.toUpperCase(), email: 'opaque-77', externalId: 'ext-1' }[by] ?? '';

  const session = await exchange(world, await signIn(partnership, { person: { ...person, nameId } }));

  expect(session.body.user).toMatchObject({ id, origin: 'scim' });
});

test('a deactivated user is refused, and not made anew under another NameID', async () => {
  const person = aPerson();
  const session = await exchange(world, await signIn(partnership, { person }));
  await world.operator.directory.users.deactivate.mutate({ tenantId, userId: session.body.user.id });
  const before = await listUsers(partnership);

  await traceOf(partnership, await signIn(partnership, { person }), 'user_deactivated');
  await traceOf(
    partnership,
    await signIn(partnership, { person: { ...person, nameId: 'renamed' } }),
    'user_unknown',
  );
  expect(await listUsers(partnership)).toEqual(before);
});

test('a user whom the directory removed is refused until the directory brings them back', async () => {
  const person = aPerson();
  const directory = await aDirectory(partnership);
  const id = await directory.create(person.nameId);
  await signIn(partnership, { person });
  await directory.remove(id);

  await traceOf(partnership, await signIn(partnership, { person }), 'user_deactivated');
  await traceOf(
    partnership,
    await signIn(partnership, { person: { ...person, nameId: 'other-id' } }),
    'user_deactivated',
  );
  const again = await directory.create(person.nameId);
  const session = await exchange(world, await signIn(partnership, { person }));

  expect(session.body.user.id).toBe(again);
});

test('a removed user is refused also when the identity provider has renamed them since', async () => {
  const person = aPerson();
  const directory = await aDirectory(partnership);
  const id = await directory.create(person.nameId);
  const nameId = `persistent-${id}`;
  await signIn(partnership, { person: { ...person, nameId } });
  await directory.remove(id);

  const answer = await signIn(partnership, { person: { ...aPerson(), nameId } });

  await traceOf(partnership, answer, 'user_deactivated');
});

test('an identity provider cannot sign anybody in as the owner, whose address it says is theirs', async () => {
  const tenant = await aTenant(world);
  const owner = await anOwner(world, tenant);
  const own = await aPartnership(world, { tenant });
  const email = tenant.ownerEmail;

  const byEmail = await signIn(own, { person: { ...aPerson(), email } });
  const byNameId = await signIn(own, { person: { nameId: email.toUpperCase() } });

  await traceOf(own, byEmail, 'user_unknown');
  await traceOf(own, byNameId, 'user_unknown');
  expect(await listUsers(own)).toMatchObject([{ id: owner.user.id, role: 'owner', origin: 'invitation' }]);
});

test('a new person finds no room in a tenant whose places are taken, until somebody leaves', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const agreed = { limits: { users: 3 }, features: { sso: true }, note: 'sso for a few' };
  await world.operator.plans.setOverrides.mutate({ tenantId: tenant.id, ...agreed });
  const full = await aPartnership(world, { tenant });
  // The owner's open invitation takes the third place.
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 2));
  const before = await listUsers(full);
  const person = aPerson();

  const refused = await signIn(full, { person });

  expect(refused.status).toBe(403);
  expect(refused.text).toContain('The plan of this tenant has no room for another user');
  await traceOf(full, refused, 'user_limit_reached');
  expect(await listUsers(full)).toEqual(before);
  expect(await accessesOf(tenant.id)).toEqual([0, 0, 0]);

  const userId = before[0]?.id ?? '';
  await world.operator.directory.users.deactivate.mutate({ tenantId: tenant.id, userId });
  const session = await exchange(world, await signIn(full, { person }));
  expect(session.body.user).toMatchObject({ email: person.email, origin: 'saml' });
});

/** How many sessions, codes and identities a tenant has. */
function accessesOf(id: string): Promise<number[]> {
  return world.inTenant(id, async ({ em }) => [
    await em.count(RefreshToken, { tenantId: id }),
    await em.count(UserToken, { tenantId: id }),
    await em.count(UserIdentity, { tenantId: id }),
  ]);
}

test('what no account can hold is a reason, never a bug', async () => {
  const long = aPerson();

  const nameId = await signIn(partnership, { person: { nameId: 'x'.repeat(600) } });
  const unfolded = await signIn(partnership, {
    person: { ...long, nameId: '\u{fdfa}'.repeat(100), email: '' },
  });

  expect((await traceOf(partnership, nameId, 'attribute_invalid')).trace).toMatchObject({
    detail: { field: 'NameID', characters: 600 },
  });
  await traceOf(partnership, unfolded, 'attribute_invalid');
});
