import type { Bed } from '../bed.ts';
import { ask, expectStatus } from './client.ts';
import type { BenchDirectory } from './directories.ts';
import { memberPatch } from './memberships.ts';

const adds = 200;
const removals = 50;
const many = 10_000;

/** Single members come and go all at once, as Entra sends them; the group must hold exactly who stays. */
export async function benchCrowd(bed: Bed, directory: BenchDirectory): Promise<string> {
  const { largeGroup, people, id: tenantId } = directory;
  const path = `/Groups/${largeGroup.id}`;
  const leaving = people.slice(0, removals).map(({ id }) => id);
  const coming = people.slice(largeGroup.size, largeGroup.size + adds).map(({ id }) => id);
  const wanted = new Set(people.slice(removals, largeGroup.size + adds).map(({ id }) => id));
  const bodies = [
    ...coming.map((id) => memberPatch('Add', [id])),
    ...leaving.map((id) => memberPatch('Remove', [id])),
  ];
  const started = performance.now();
  const answers = await Promise.all(bodies.map((body) => ask(bed, directory, 'PATCH', { path, body })));
  const seconds = (performance.now() - started) / 1000;
  const refused = answers.filter(({ status }) => status !== 204);
  const { rows } = await bed.inTenant(tenantId, membersOf, [tenantId, largeGroup.id]);
  const exact = rows.length === wanted.size && rows.every(({ user_id }) => wanted.has(user_id));
  await bed.inTenant(tenantId, restore, [tenantId, largeGroup.id, leaving, coming]);
  return `${adds} additions and ${removals} removals at once in ${seconds.toFixed(1)} s: ${refused.length} refused (goal 0), the members are ${exact ? 'exact' : 'NOT EXACT'}`;
}

/** Ten thousand members in one PATCH, beside the bare statement. */
export async function benchMany(bed: Bed, directory: BenchDirectory): Promise<string> {
  const { smallGroup, people, id: tenantId } = directory;
  const coming = people.slice(-many).map(({ id }) => id);
  const patch = { path: `/Groups/${smallGroup.id}`, body: memberPatch('Add', coming) };
  const ours = await ask(bed, directory, 'PATCH', patch);
  expectStatus(ours, 204, `a PATCH of ${many} members`);
  await bed.inTenant(tenantId, restore, [tenantId, smallGroup.id, [], coming]);
  const started = performance.now();
  await bed.inTenant(tenantId, insertMembers, [tenantId, smallGroup.id, coming]);
  const bare = performance.now() - started;
  await bed.inTenant(tenantId, restore, [tenantId, smallGroup.id, [], coming]);
  return `${many} members in one PATCH: ${(ours.milliseconds / 1000).toFixed(2)} s (goal < 5); the bare insert ${(bare / 1000).toFixed(2)} s, ratio ${(ours.milliseconds / bare).toFixed(1)}`;
}

const membersOf = 'select user_id from group_users where tenant_id = $1 and group_id = $2';
const insertMembers =
  'insert into group_users (tenant_id, group_id, user_id) select $1, $2, unnest($3::uuid[])';
const restore = `
  with gone as (delete from group_users where tenant_id = $1 and group_id = $2 and user_id = any($4::uuid[]))
  insert into group_users (tenant_id, group_id, user_id) select $1, $2, unnest($3::uuid[]) on conflict do nothing`;
