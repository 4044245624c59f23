import type { Stage } from '../stage.ts';
import type { EntraDirectory } from './entra.ts';
import type { OktaDirectory } from './okta.ts';
import type { Owner } from './owner.ts';

const name = 'Fleet administrators';

type Directories = { people: OktaDirectory; microsoft: EntraDirectory };

/** A directory pushes a group, and the group gives its members a role. */
export async function giveRolesByGroup(
  { chapter, until }: Stage,
  { client }: Owner,
  { people: { okta, ada, ivo }, microsoft: { entra, grace } }: Directories,
): Promise<void> {
  const step = chapter('A group of the directory gives its members a role');
  const roleOf = async ({ id }: { id: string }) =>
    (await client.directory.users.get.query({ userId: id })).role;
  const membersOf = async (id: string) =>
    Array.from((await okta.getGroup(id)).body['members'] as { value: string }[], ({ value }) => value);

  const groupId = await step('Okta pushes a group, and then Ada and Ivo into it', async (sees) => {
    const { status, body } = await okta.pushGroup(name);
    const id = body.id ?? '';
    sees('status', status, 201);
    sees('again', (await okta.pushGroup(name)).body['scimType'], 'uniqueness');
    sees('members', (await okta.pushMembers(id, name, [ada.id, ivo.id])).status, 204);
    return id;
  });

  await step('the owner lets the group be admins, and at once its members are', async (sees) => {
    sees('Ada was', await roleOf(ada), 'member');
    await client.directory.groups.mapRole.mutate({ groupId, role: 'admin' });
    sees('Ada is', await roleOf(ada), 'admin');
    sees('Grace is', await roleOf(grace), 'member');
  });

  await step('Entra finds it without its members, and adds Grace with an empty reference', async (sees) => {
    const { body, text } = await entra.findGroup(name);
    sees('groups found', body.totalResults, 1);
    sees('no members in it', !text.includes(grace.id) && !text.includes(ada.id), true);
    sees('status', (await entra.addMembers(groupId, grace.id)).status, 204);
    sees('Grace is', await roleOf(grace), 'admin');
  });

  await step('it removes Ivo by a value: he alone goes, and his role with him', async (sees) => {
    sees('status', (await entra.removeMembers(groupId, ivo.id)).status, 204);
    sees('members', (await membersOf(groupId)).toSorted(), [ada.id, grace.id].toSorted());
    sees('Ivo is', await roleOf(ivo), 'member');
    sees('again', (await entra.removeMembers(groupId, ivo.id)).status, 204);
  });

  await step('Okta unlinks the group: it is gone, and who was in it is a member again', async (sees) => {
    sees('status', (await okta.unlinkGroup(groupId)).status, 204);
    sees('Ada is', await roleOf(ada), 'member');
    sees('Grace is', await roleOf(grace), 'member');
  });

  await step(
    'the log explains every request: what was tolerated, what changed, what was refused',
    async (sees) => {
      const log = (more: { resourceId?: string; status?: 'refused' }) =>
        client.connections.scim.log.query(more);
      const tolerated = async () =>
        (await log({ resourceId: grace.id })).items.flatMap((each) => each.normalized ?? []);
      sees(
        'of Grace',
        await until(async () => (await tolerated()).includes('boolean-as-string: active'), true),
        true,
      );
      const refusals = (await log({ status: 'refused' })).items.filter(({ path }) =>
        path.endsWith('/Groups'),
      );
      sees('a refusal', refusals[0]?.refusal, /exists/);
      const { items } = await client.connections.scim.health.query();
      sees('directories', items.map(({ label, state }) => `${label}: ${state}`).toSorted(), [
        'Entra ID: working',
        'Okta: working',
      ]);
    },
  );
}
