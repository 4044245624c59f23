import { deleteJobsAbout } from '../../db/jobs.ts';
import { countDeleted, takeTombstone } from '../../db/purge.ts';
import { atJobs, type ControlScope } from '../../db/scope.ts';
import type { Progress } from './purge.ts';

const peopleAtOnce = 1000;

// A tenant with a tombstone has nobody any more: its own purge is under way.
const isNowhereElse = `not exists (
  select from memberships m where m.person_id = people.id and m.tenant_id <> ?
    and not exists (select from tombstones t where t.id = m.tenant_id))`;

/** Some of the people who are in this tenant and in no other. */
export async function listLeavers({ em }: ControlScope, tenantId: string): Promise<string[]> {
  const leavers = await em.execute<{ id: string }[]>(
    `select id from people where id in (select person_id from memberships where tenant_id = ?) and ${isNowhereElse}
     order by id limit ?`,
    [tenantId, tenantId, peopleAtOnce],
  );
  return leavers.map(({ id }) => id);
}

/** How many rows would go with the people who are in this tenant and in no other, by table. */
export async function countLeavers(
  { em }: ControlScope,
  tenantId: string,
): Promise<{ people: number; person_tokens: number; notifications: number }> {
  const [counted] = await em.execute<{ people: number; person_tokens: number; notifications: number }[]>(
    `with leavers as (
       select id from people where id in (select person_id from memberships where tenant_id = ?) and ${isNowhereElse}
     )
     select (select count(*)::int from leavers) as people,
       (select count(*)::int from person_tokens where person_id in (select id from leavers)) as person_tokens,
       (select count(*)::int from notifications where recipient_id in (select id::text from leavers)) as notifications`,
    [tenantId, tenantId],
  );
  return counted ?? { people: 0, person_tokens: 0, notifications: 0 };
}

/**
 * Deletes people who are in no other tenant. Who joins another at this moment holds their row: they are waited for,
 * looked at again, and stay.
 */
export async function deletePeople(
  scope: ControlScope,
  tenantId: string,
  ids: readonly string[],
): Promise<Progress> {
  const { em } = scope;
  if (!(await takeTombstone({ em, tenantId }))) return 'busy';
  const locked = await em.execute<{ id: string }[]>(
    `select id from people where id = any(string_to_array(?, ' ')::uuid[]) order by id for update`,
    [ids.join(' ')],
  );
  // A statement of its own: it sees whoever joined before the rows were locked.
  const leaving = await em.execute<{ id: string }[]>(
    `select id from people where id = any(string_to_array(?, ' ')::uuid[]) and ${isNowhereElse}`,
    [locked.map(({ id }) => id).join(' '), tenantId],
  );
  const personIds = leaving.map(({ id }) => id);
  await deleteCounted(scope, tenantId, {
    table: 'person_tokens',
    column: 'person_id',
    type: 'uuid',
    personIds,
  });
  await deleteCounted(scope, tenantId, {
    table: 'notifications',
    column: 'recipient_id',
    type: 'text',
    personIds,
  });
  await deleteCounted(scope, tenantId, { table: 'people', column: 'id', type: 'uuid', personIds });
  const jobs = await atJobs(scope, () => deleteJobsAbout(scope, { tenantId, personIds }));
  await em.execute(`update tombstones set jobs = jobs + ? where id = ?`, [jobs, tenantId]);
  return 'done';
}

type PeopleRows = {
  table: 'people' | 'person_tokens' | 'notifications';
  column: 'id' | 'person_id' | 'recipient_id';
  type: 'uuid' | 'text';
  personIds: readonly string[];
};

async function deleteCounted(
  { em }: ControlScope,
  tenantId: string,
  { table, column, type, personIds }: PeopleRows,
): Promise<void> {
  const deleted = await em.execute<unknown[]>(
    `delete from "${table}" where "${column}" = any(string_to_array(?, ' ')::${type}[]) returning 1`,
    [personIds.join(' ')],
  );
  await countDeleted({ em, tenantId }, table, deleted.length);
}
