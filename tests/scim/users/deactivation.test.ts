import { expect, test } from 'vitest';
import { startSession } from '../../../src/actions/people/sessions.ts';
import { findUser } from '../../../src/actions/people/users.ts';
import { anOwner, openWorld } from '../../support/world.ts';
import { aDirectory, aPerson, aProvisionedUser } from '../directory.ts';
import { expectError } from '../expected-error.ts';

const world = await openWorld();
const directory = await aDirectory(world);

/** A user of the directory who is signed in, with what the sign-in gave. */
async function aSignedInUser() {
  const id = await aProvisionedUser(directory);
  const { refreshToken: first } = await world.inTenant(directory.tenant.id, async (scope) =>
    startSession(scope, await findUser(scope, id), { method: 'saml' }),
  );
  const refreshed = await world.send('/api/auth/refresh', { body: { refreshToken: first } });
  const { accessToken, refreshToken } = refreshed.body;
  expect((await world.send('/api/auth/me', { token: accessToken })).status).toBe(200);
  return {
    id,
    /** How the tokens are answered: that of the session, and the one that would prolong it. */
    tryTokens: async () => [
      (await world.send('/api/auth/me', { token: accessToken })).status,
      (await world.send('/api/auth/refresh', { body: { refreshToken } })).status,
    ],
  };
}

/** The transactions that last wrote the user and its sessions, and how the sessions ended. */
function readSessions(userId: string) {
  return world.inTenant(directory.tenant.id, ({ em }) =>
    em.execute<{ together: boolean; end_reason: string | null }[]>(
      `select s.xmin = u.xmin as together, s.end_reason from sessions s join users u
       on u.tenant_id = s.tenant_id and u.id = s.user_id where u.id = ?`,
      [userId],
    ),
  );
}

const ways = {
  'a PATCH as Entra sends it': (id: string) => directory.entra.disableUser(id),
  'a PATCH as Okta sends it': (id: string) => directory.okta.deactivateUser(id),
  'a PATCH that changes more': (id: string) =>
    directory.entra.updateUser(
      id,
      { op: 'Replace', path: 'title', value: 'left' },
      { op: 'Replace', path: 'active', value: 'False' },
    ),
  'a PUT': (id: string) => directory.okta.updateUser(id, { active: false }),
  'a PUT that changes more': (id: string) =>
    directory.okta.updateUser(id, { active: 'False', title: 'left', emails: [] }),
  'a DELETE': (id: string) => directory.entra.deleteUser(id),
};

test.each(Object.entries(ways))('%s ends every session in the same transaction', async (_, deactivate) => {
  const { id, tryTokens } = await aSignedInUser();

  const { status } = await deactivate(id);

  expect([200, 204]).toContain(status);
  expect(await tryTokens()).toEqual([401, 401]);
  expect(await readSessions(id)).toEqual([{ together: true, end_reason: 'user_deactivated' }]);
  const actions = (await directory.audit(id)).map(({ action }) => action);
  expect(actions.filter((action) => action === 'user.deactivated')).toHaveLength(1);
});

test('a deactivation that is refused leaves the sessions alive', async () => {
  const taken = aPerson();
  await directory.entra.createUser(taken);
  const { id, tryTokens } = await aSignedInUser();

  const answer = await directory.entra.updateUser(
    id,
    { op: 'Replace', path: 'active', value: 'False' },
    { op: 'Replace', path: 'userName', value: taken.userName },
  );

  expectError(answer, 409, 'uniqueness');
  expect(await tryTokens()).toEqual([200, 200]);
});

test.each(Object.entries(ways).slice(0, 2))(
  '%s a second time changes nothing: neither version nor audit trail',
  async (_, deactivate) => {
    const id = await aProvisionedUser(directory);
    await deactivate(id);
    const before = [(await directory.entra.getUser(id)).text, await directory.audit(id)];

    const { status, headers } = await deactivate(id);

    expect([status, headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect([(await directory.entra.getUser(id)).text, await directory.audit(id)]).toEqual(before);
  },
);

test('a user who is enabled again can sign in again, and ended sessions stay ended', async () => {
  const { id, tryTokens } = await aSignedInUser();
  await directory.entra.disableUser(id);

  const { status, body } = await directory.entra.enableUser(id);

  expect([status, body.active]).toEqual([200, true]);
  expect(await tryTokens()).toEqual([401, 401]);
  const session = await world.inTenant(directory.tenant.id, async (scope) =>
    startSession(scope, await findUser(scope, id), { method: 'saml' }),
  );
  expect(session).toMatchObject({ refreshToken: expect.any(String) });
});

test('a deactivated user cannot start a session', async () => {
  const id = await aProvisionedUser(directory);
  await directory.entra.disableUser(id);

  const attempt = world.inTenant(directory.tenant.id, async (scope) =>
    startSession(scope, await findUser(scope, id), { method: 'saml' }),
  );

  await expect(attempt).rejects.toMatchObject({ reason: 'INVALID_CREDENTIALS' });
});

test('the last active owner cannot be deactivated or deleted by the directory: 403, and stays signed in', async () => {
  const other = await aDirectory(world);
  const owner = await anOwner(world, other.tenant);
  const found = await other.entra.findUser('userName', other.tenant.ownerEmail);
  const id = found.body.Resources?.[0]?.id ?? '';
  const before = (await other.entra.getUser(id)).text;

  expectError(await other.entra.disableUser(id), 403);
  expectError(await other.okta.deactivateUser(id), 403);
  expectError(await other.okta.updateUser(id, { active: false }), 403);
  expectError(await other.entra.deleteUser(id), 403);

  expect((await other.entra.getUser(id)).text).toBe(before);
  expect((await world.send('/api/auth/me', { token: owner.accessToken })).status).toBe(200);
});
