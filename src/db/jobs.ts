import type { EntityManager } from '@mikro-orm/postgresql';
import type { Client } from 'pg';
import { fromKysely, PgBoss } from 'pg-boss';
import { jobNames, type JobName, type JobPayloads, jobs } from '../domain/jobs.ts';
import { controlRole, tenantRole } from './policies.ts';
import type { Watch } from './watch.ts';

const schema = 'pgboss';

/** How often a worker looks for jobs that have lost theirs. */
export const superviseSeconds = 15;

/** The job queue of one process. */
export type Jobs = PgBoss;

/** Installs the queue's own schema and this product's queues, as the owner. */
export async function installJobs(client: Client, ownerUrl: string, login: string): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, schema, supervise: false, schedule: false, max: 2 });
  boss.on('error', () => {
    // What fails is thrown by the calls below.
  });
  await boss.start();
  try {
    for (const name of jobNames) {
      const { retryLimit, retryDelaySeconds, heartbeatSeconds } = jobs[name];
      const options = { retryLimit, retryDelay: retryDelaySeconds, retryBackoff: true, heartbeatSeconds };
      if (await boss.getQueue(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, { ...options, policy: 'standard' });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  for (const statement of jobGrants(login)) await client.query(statement);
}

// A transaction may promise a job and nothing else: it reads no other's, for they are of all tenants. Only the worker's
// own connections read, change and delete jobs.
function jobGrants(login: string): string[] {
  const roles = `${tenantRole}, ${controlRole}`;
  return [
    `grant usage on schema ${schema} to ${roles}, ${login}`,
    `revoke all on ${schema}.job, ${schema}.job_common from ${roles}`,
    `grant insert, select (id) on ${schema}.job, ${schema}.job_common to ${roles}`,
    `grant select on ${schema}.queue to ${roles}`,
    `grant select, insert, update, delete on all tables in schema ${schema} to ${login}`,
    `grant usage on all sequences in schema ${schema} to ${login}`,
    `grant execute on all functions in schema ${schema} to ${roles}, ${login}`,
  ];
}

/** Opens the queue for sending, and for working where `supervise` is on. It never changes the schema. */
export function openJobs(url: string, { supervise }: { supervise: boolean }): Jobs {
  return new PgBoss({
    connectionString: url,
    schema,
    migrate: false,
    createSchema: false,
    supervise,
    schedule: supervise,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    max: supervise ? 6 : 2,
  });
}

/** Promises a job in the running transaction: it runs only if that commits. */
export async function later<Name extends JobName>(
  { em, jobs, watch }: { em: EntityManager; jobs: Jobs; watch?: Watch | undefined },
  name: Name,
  payload: JobPayloads[Name],
): Promise<void> {
  watch?.jobs.push({ name, payload });
  await jobs.send(name, payload, { db: fromKysely(em.getKysely()) });
}

/** Deletes the jobs about a tenant or its people but for those at work, and tells how many. The worker's own role. */
export async function deleteJobsAbout({ em }: { em: EntityManager }, about: Subjects): Promise<number> {
  const [deleted] = await em.execute<{ jobs: number }[]>(
    `with gone as (
       delete from pgboss.job where state <> 'active'
         and (data ->> 'tenantId' = ? or data ->> 'personId' = any(string_to_array(?, ' ')))
       returning 1
     )
     select count(*)::int as jobs from gone`,
    valuesOf(about),
  );
  return deleted?.jobs ?? 0;
}

/** How many jobs about a tenant or its people there are, those at work among them. The worker's own role. */
export async function countJobsAbout({ em }: { em: EntityManager }, about: Subjects): Promise<number> {
  const [counted] = await em.execute<{ jobs: number }[]>(
    `select count(*)::int as jobs from pgboss.job
     where data ->> 'tenantId' = ? or data ->> 'personId' = any(string_to_array(?, ' '))`,
    valuesOf(about),
  );
  return counted?.jobs ?? 0;
}

type Subjects = { tenantId: string; personIds: readonly string[] };

const valuesOf = ({ tenantId, personIds }: Subjects) => [tenantId, personIds.join(' ')];
