import { randomUUID } from 'node:crypto';
import { patchBody, type ScimAnswer } from '../../support/scim-client.ts';
import type { World } from '../../support/world.ts';
import type { Directory } from '../directory.ts';

export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** What an identity provider sends about groups, in the words of each. */
export function groupsOf({ send }: Pick<Directory, 'send'>) {
  const patch = (id: string, ...operations: object[]) =>
    send('PATCH', `/Groups/${id}`, { body: patchBody(...operations) });
  return {
    patch,
    create: (body: object) => send('POST', '/Groups', { body }),
    get: (id: string, query = '') => send('GET', `/Groups/${id}${query}`),
    put: (id: string, body: object) => send('PUT', `/Groups/${id}`, { body }),
    remove: (id: string) => send('DELETE', `/Groups/${id}`),
    find: (filter: string, more = '') => send('GET', `/Groups?filter=${encodeURIComponent(filter)}${more}`),
    /** Entra's default dialect (its use-scim page, "Update Group"). */
    entraAdds: (id: string, ...members: string[]) =>
      patch(id, { op: 'Add', path: 'members', value: members.map((value) => ({ $ref: null, value })) }),
    entraRemoves: (id: string, ...members: string[]) =>
      patch(id, { op: 'Remove', path: 'members', value: members.map((value) => ({ $ref: null, value })) }),
  };
}

/** A group with these members, by its id. */
export async function aGroup(
  directory: Pick<Directory, 'send'>,
  members: readonly string[] = [],
  displayName = `Group ${randomUUID()}`,
): Promise<string> {
  const { status, body, text } = await groupsOf(directory).create({
    schemas: [groupUrn],
    displayName,
    members: members.map((value) => ({ value })),
  });
  if (status !== 201 || !body.id) throw new Error(`the group was not created: ${text}`);
  return body.id;
}

/** The ids of the members that an answer shows, sorted. */
export function memberIds({ body }: ScimAnswer): string[] {
  const members: unknown = body['members'];
  return Array.isArray(members) ? members.map(({ value }) => String(value)).toSorted() : [];
}

/** Users of a tenant, made in one statement, in the order of their ids. */
export function manyUsers(world: World, tenantId: string, count: number): Promise<string[]> {
  return world.inTenant(tenantId, async ({ em }) => {
    const rows = await em.execute<{ id: string }[]>(
      `insert into users (tenant_id, id, origin, user_name, user_name_key)
       select ?, gen_random_uuid(), 'scim', name, name
       from (select 'many-' || gen_random_uuid() as name from generate_series(1, ?)) as names returning id`,
      [tenantId, count],
    );
    return rows.map(({ id }) => id).toSorted();
  });
}
