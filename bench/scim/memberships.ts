import { scimRequest } from '../work/scim-requests.ts';
import { type Comparison, compare, type Ground, type Piece } from './comparison.ts';
import { type BenchDirectory, smallSize } from './directories.ts';

const changed = 64;
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const goals = { change: 1.5, find: 1.5 };

type Group = { id: string; name: string };

/** One member comes and goes in a large group and in one of ten; and the group is found without its members. */
export async function compareMemberships(ground: Ground, directory: BenchDirectory): Promise<Comparison[]> {
  const { largeGroup, smallGroup } = directory;
  const change = { small: changeOf(directory, smallGroup), large: changeOf(directory, largeGroup) };
  const find = { small: findOf(directory, smallGroup), large: findOf(directory, largeGroup) };
  return [
    await compare(ground, { work: 'add and remove one member', goal: goals.change }, change),
    await compare(ground, { work: 'find a group without its members', goal: goals.find }, find),
  ];
}

/** Strangers to both groups, who come and go in turn. */
function strangers({ people, largeGroup }: BenchDirectory) {
  return people.slice(Math.max(largeGroup.size, smallSize)).slice(0, changed);
}

/** The body by which Entra adds or removes members. */
export function memberPatch(op: 'Add' | 'Remove', ids: readonly string[]): object {
  const value = ids.map((id) => ({ $ref: null, value: id }));
  return { schemas: [patchUrn], Operations: [{ op, path: 'members', value }] };
}

function changeOf(directory: BenchDirectory, group: Group): Piece {
  const steps = strangers(directory).flatMap(({ id }) => [
    { id, op: 'Add' as const },
    { id, op: 'Remove' as const },
  ]);
  return {
    tenantId: directory.id,
    status: 204,
    requests: steps.map(({ id, op }) =>
      scimRequest(directory, 'PATCH', `/Groups/${group.id}`, memberPatch(op, [id])),
    ),
    statements: [changeMember, insertEvent],
    runs: steps.map(({ id, op }) => {
      const now = new Date();
      return [
        [directory.id, group.id, id, op === 'Add', now],
        [directory.id, now, group.id],
      ];
    }),
  };
}

const changeMember = `
  with added as (
    insert into group_users (tenant_id, group_id, user_id) select $1, $2, $3 where $4 on conflict do nothing
  ), removed as (
    delete from group_users where tenant_id = $1 and group_id = $2 and user_id = $3 and not $4
  )
  update groups set version = version + 1, updated_at = $5 where tenant_id = $1 and id = $2`;

/** One audit event, as large as the service's own. */
const insertEvent = `
  insert into audit_events (tenant_id, id, at, action, actor_kind, target_kind, target_id, details, personal)
  values ($1, gen_random_uuid(), $2, 'group.updated', 'scim', 'group', $3, '{"version":2}',
    ('{"origin":"' || repeat('x', 120) || '"}')::jsonb)`;

function findOf(directory: BenchDirectory, group: Group): Piece {
  const filter = encodeURIComponent(`displayName eq "${group.name}"`);
  const path = `/Groups?excludedAttributes=members&filter=${filter}`;
  return {
    tenantId: directory.id,
    status: 200,
    requests: [scimRequest(directory, 'GET', path)],
    statements: ['select * from groups where tenant_id = $1 and display_name_key = $2', 'select 1'],
    runs: [[[directory.id, group.name.toLowerCase()], []]],
  };
}
