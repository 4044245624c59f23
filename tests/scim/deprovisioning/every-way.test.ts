import { expect, test } from 'vitest';
import { issueSetUpToken } from '../../../src/actions/people/password-setup.ts';
import { findUser } from '../../../src/actions/people/users.ts';
import { aPartnership, beginSignIn, exchange, readFailure } from '../../sso/partnership.ts';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld, strongPassword } from '../../support/world.ts';
import { sendBulk } from '../bulk/bulk-body.ts';
import { aDirectory, aPerson } from '../directory.ts';
import { aGroup, groupsOf, memberIds } from '../groups/group-clients.ts';

const world = await openWorld();
const directory = await aDirectory(world);
const { entra, okta, tenant } = directory;
const partnership = await aPartnership(world, { tenant });

const off = patchBody({ op: 'replace', path: 'active', value: false });
const inBulk = async (operation: object) => (await sendBulk(directory, [operation])).statuses;

/** Each way to take somebody's access, and what it is answered. */
const ways = {
  'a PATCH with a path (Entra)': async (id: string) => [(await entra.disableUser(id)).status],
  'a PATCH without a path (Okta)': async (id: string) => [(await okta.deactivateUser(id)).status],
  'a PATCH that changes more': async (id: string) => [
    (await entra.updateUser(id, ...off.Operations, { op: 'Add', path: 'title', value: 'left' })).status,
  ],
  'a PUT': async (id: string) => [(await okta.updateUser(id, { active: false })).status],
  'a DELETE': async (id: string) => [(await entra.deleteUser(id)).status],
  'a PATCH in bulk': (id: string) => inBulk({ method: 'PATCH', path: `/Users/${id}`, data: off }),
  'a PUT in bulk': async (id: string) => {
    const { body } = await entra.getUser(id);
    return inBulk({ method: 'PUT', path: `/Users/${id}`, data: { ...body, active: false } });
  },
  'a DELETE in bulk': (id: string) => inBulk({ method: 'DELETE', path: `/Users/${id}` }),
  'a tenant’s admin, or an operator': async (userId: string) => {
    const user = await world.operator.directory.users.deactivate.mutate({ tenantId: tenant.id, userId });
    return [user.active ? 500 : 200];
  },
};

/** A user of the directory, in a group, with one of each thing that opens the tenant to it. */
async function aUserWithEverything() {
  const person = aPerson();
  const id = String((await entra.createUser(person)).body.id);
  const groupId = await aGroup(directory, [id]);
  const identity = { ...person, nameId: person.userName };
  const begin = () => beginSignIn(partnership, { person: identity });
  const { accessToken, refreshToken } = (await exchange(world, await (await begin()).post())).body;
  const unused = await (await begin()).post();
  const signedBefore = await begin();
  const setUp = await world.inTenant(tenant.id, async (scope) =>
    issueSetUpToken(scope, await findUser(scope, id)),
  );
  const saml = async (answer: Awaited<ReturnType<typeof signedBefore.post>>) =>
    answer.status === 303 ? 'in' : readFailure(answer).reason;
  return {
    id,
    person,
    groupId,
    /** How each of them is answered. */
    tryAll: async () => ({
      session: (await world.send('/api/auth/me', { token: accessToken })).status,
      refreshToken: (await world.send('/api/auth/refresh', { body: { refreshToken } })).status,
      codeOfSso: (await exchange(world, unused)).status,
      passwordLink: (
        await world.send('/api/auth/reset-password', { body: { token: setUp, password: strongPassword } })
      ).status,
      signedBefore: await saml(await signedBefore.post()),
      signedAfter: await saml(await (await begin()).post()),
    }),
    signIn: async () => exchange(world, await (await begin()).post()),
  };
}

function countUsers() {
  return world.inTenant(tenant.id, ({ em }) =>
    em.execute(`select count(*)::int as users from users where tenant_id = ?`, [tenant.id]),
  );
}

test.each(Object.entries(ways))(
  'after %s nothing opens the tenant: session, refresh token, code, link, SAML; nobody is made anew',
  async (_, take) => {
    const { id, tryAll } = await aUserWithEverything();
    const before = await countUsers();

    const statuses = await take(id);
    const met = await tryAll();

    expect(statuses.map(Number).every((status) => status === 200 || status === 204)).toBe(true);
    expect(met).toEqual({
      session: 401,
      refreshToken: 401,
      codeOfSso: 401,
      passwordLink: 401,
      signedBefore: 'user_deactivated',
      signedAfter: 'user_deactivated',
    });
    expect(await countUsers()).toEqual(before);
    const actions = (await directory.audit(id)).map(({ action }) => action);
    expect(actions.filter((action) => action === 'user.deactivated')).toHaveLength(1);
  },
);

test.each(Object.entries(ways).filter(([name]) => /Entra|PUT$|DELETE$/.test(name)))(
  'after %s the directory gives it back: sign-in and groups, but no session that ended',
  async (_, take) => {
    const { id, person, groupId, tryAll, signIn } = await aUserWithEverything();
    await take(id);

    const enabled = await entra.enableUser(id);
    const back = enabled.status === 404 ? await entra.createUser(person) : enabled;

    expect(back.body).toMatchObject({ id, active: true, groups: [{ value: groupId }] });
    expect(await tryAll()).toMatchObject({
      session: 401,
      refreshToken: 401,
      codeOfSso: 401,
      passwordLink: 401,
      signedAfter: 'in',
    });
    expect((await signIn()).body.user.id).toBe(id);
    expect(memberIds(await groupsOf(directory).get(groupId))).toEqual([id]);
  },
);
