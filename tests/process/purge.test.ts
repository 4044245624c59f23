import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createMailer } from '../../src/infra/mailer.ts';
import { theOwner } from '../api/people.ts';
import { claimPurge, countRows, dump, fillTables, openEyes, searchDatabase } from '../purge/tenants.ts';
import { aTenant, eventually, mailTo, openWorld, type TestTenant } from '../support/world.ts';
import { on } from './database.ts';
import { serve } from './process.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const eyes = await openEyes(world.database.ownerUrl);

/** A worker as a process of its own, beside the web process of the world. */
const aWorker = () =>
  serve({
    ...on(world.database),
    ROLE: 'worker',
    DATA_DIR: world.dataDir,
    PUBLIC_URL: world.url,
    SECRET_KEY: world.secretKey.toString('base64'),
    BOOTSTRAP_OPERATOR_TOKEN: world.bootstrapToken,
  });

/** Locks something, so that a worker waits there; released by what it answers. */
async function lock(statement: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: world.database.ownerUrl });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('begin');
  await client.query(statement);
  return async () => void (await client.query('rollback'));
}

const somebodyWaits = () =>
  eventually(
    async () =>
      (
        await eyes(
          `select 1 from pg_locks join pg_stat_activity a using (pid)
           where not granted and a.datname = current_database()`,
        )
      ).length > 0,
    'the worker waits at the lock',
    30,
  );

/** A tenant with one of everything, twelve thousand projects, files and mails, whose purge was claimed. */
async function aClaimed(): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  await theOwner(world, tenant);
  await fillTables(world, tenant);
  await eyes(`update tenants set limit_projects = null where id = $1`, [tenant.id]);
  await eyes(
    `insert into projects (tenant_id, id, name, created_at, updated_at)
     select $1, gen_random_uuid(), 'project ' || n, now(), now() from generate_series(1, 12000) n`,
    [tenant.id],
  );
  for (const name of ['a', 'b', 'c']) await world.ports.files.put(tenant.id, name, Buffer.from(name));
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  const mail = { about: tenant.id, to: 'ada@mail.example', subject: 'x', text: 'x', html: 'x' };
  for (const id of ['one', 'two']) await mailer.send({ id, ...mail });
  await claimPurge(world, tenant);
  // A worker that is killed with a job of it at hand would be waited for.
  await eyes(`update pgboss.job set start_after = now() + interval '1 day' where name = 'mail.send'`);
  return tenant;
}

test(
  'a worker killed at every step of a purge in turn loses nothing, counts nothing twice and touches no other tenant',
  { timeout: 120_000 },
  async () => {
    const other = await aTenant(world, { plan: 'free' });
    await fillTables(world, other);
    const tenant = await aClaimed();
    const [oracle, before] = [await countRows(eyes, tenant.id), await dump(eyes, other.id)];
    const [{ jobs } = { jobs: 0 }] = await eyes<{ jobs: number }>(
      `select count(*)::int as jobs from pgboss.job where data ->> 'tenantId' = $1`,
      [tenant.id],
    );
    const steps = {
      'the key is destroyed, which is not noted yet': `lock table tombstones in exclusive mode`,
      'files and mails are gone': `select 1 from pgboss.job where data ->> 'tenantId' = '${tenant.id}' limit 1 for update`,
      'jobs are gone': `lock table people in exclusive mode`,
      'some batches of a table are gone': `select 1 from projects where tenant_id = '${tenant.id}' order by ctid desc limit 1 for update`,
      'every row is gone but the tenant’s own': `select 1 from tenants where id = '${tenant.id}' for key share`,
    };

    for (const [step, statement] of Object.entries(steps)) {
      const release = await lock(statement);
      const worker = await aWorker();
      await somebodyWaits();
      const { signal } = await worker.end('SIGKILL');
      await release();
      expect([step, signal, await isCertified(tenant)]).toEqual([step, 'SIGKILL', false]);
    }
    // Once more at the end of all: the tenant is gone, and the certificate is being signed.
    const hold = await lock(steps['every row is gone but the tenant’s own']);
    const worker = await aWorker();
    await somebodyWaits();
    const release = await lock(`lock table signing_keys in access exclusive mode`);
    await hold();
    await eventually(
      async () => (await countRows(eyes, tenant.id))['tenants'] === undefined,
      'the tenant is gone',
    );
    await somebodyWaits();
    await worker.end('SIGKILL');
    await release();
    expect(await isCertified(tenant)).toBe(false);
    await Promise.all([aWorker(), aWorker()]);
    await eventually(() => isCertified(tenant), 'the certificate', 60);

    const certificate = await world.operator.offboarding.certificate.query({ tenantId: tenant.id });
    expect(certificate).toMatchObject({ rows: { ...oracle, people: 1 }, files: 3, bytes: 3, jobs, mails: 2 });
    expect(certificate.rows['projects']).toBeGreaterThan(12_000);
    expect(await dump(eyes, other.id)).toEqual(before);
    await mailTo(world, tenant.ownerEmail, /Certificate of deletion/);
    expect((await searchDatabase(eyes, [tenant.slug])).found).toEqual([]);
  },
);

async function isCertified({ id }: TestTenant): Promise<boolean> {
  const [tombstone] = await eyes<{ state: string }>(`select state from tombstones where id = $1`, [id]);
  return tombstone?.state === 'certified';
}
