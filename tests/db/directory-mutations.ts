import { randomUUID } from 'node:crypto';
import { aScimToken, type TestTenant, type World } from '../support/world.ts';

type Input = Record<string, unknown>;

const anEmail = () => `${randomUUID().slice(0, 13)}@mail.example`;

/** How to call every mutation of the directory of a tenant so that it changes something. */
export function directoryMutations(
  world: World,
  tenant: TestTenant,
): Readonly<Record<string, () => Promise<Input>>> {
  const { directory } = world.operator;
  const tenantId = tenant.id;
  const provision = async (path: string, body: object): Promise<string> => {
    const { token } = await aScimToken(world, tenant);
    return (await world.send(`/scim/v2/${tenant.slug}${path}`, { body, token })).body.id;
  };
  const aUser = ({ active = true } = {}) => provision('/Users', { userName: anEmail(), active });
  const aGroup = () => provision('/Groups', { displayName: randomUUID() });
  const takeUser = async () => {
    const path = `/scim/v2/${tenant.slug}/Users/${await aUser()}`;
    await world.send(path, { method: 'DELETE', token: (await aScimToken(world, tenant)).token });
  };
  const aGuest = async () =>
    (await directory.users.invite.mutate({ tenantId, email: anEmail(), role: 'member' })).id;
  return {
    'directory.users.setRole': async () => ({ tenantId, userId: await aUser(), role: 'admin' }),
    'directory.users.deactivate': async () => ({ tenantId, userId: await aUser() }),
    'directory.users.reactivate': async () => ({ tenantId, userId: await aUser({ active: false }) }),
    'directory.users.invite': async () => ({ tenantId, email: anEmail(), role: 'member' }),
    'directory.groups.mapRole': async () => ({ tenantId, groupId: await aGroup(), role: 'admin' }),
    'directory.groups.requireForAccess': async () => ({ tenantId, groupId: await aGroup(), required: true }),
    'directory.restoreSync': async () => {
      await takeUser();
      return { tenantId, since: new Date(Date.now() - 60_000).toISOString() };
    },
    'directory.invitations.resend': async () => ({ tenantId, invitationId: await aGuest() }),
    'directory.invitations.revoke': async () => ({ tenantId, invitationId: await aGuest() }),
  };
}
