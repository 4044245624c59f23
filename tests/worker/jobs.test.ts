import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { invite } from '../../src/actions/people/invitations.ts';
import { Notification } from '../../src/db/entities/notification.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import { openJobs, superviseSeconds } from '../../src/db/jobs.ts';
import { jobNames, jobs } from '../../src/domain/jobs.ts';
import { connect, sqlError } from '../support/connection.ts';
import { aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';

// No worker runs here but those that a test starts.
const world = await openWorld({ env: { ROLE: 'web' } });
const query = await connect(world.database.ownerUrl);

describe('a promised mail', () => {
  test('does not exist when the transaction rolls back', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const email = `undone-${randomUUID()}@mail.example`;
    const before = await jobsOf(tenant);

    const undone = world.inTenant(tenant.id, async (scope) => {
      await invite(scope, { email, name: null, role: 'member' });
      const inside = await scope.em.execute<{ count: string }[]>(`select count(id) as count from pgboss.job`);
      expect(inside).toEqual([{ count: String((await everyJob()) + 1) }]);
      throw new Error('changed my mind');
    });

    await expect(undone).rejects.toThrow('changed my mind');
    expect(await jobsOf(tenant)).toEqual(before);
    expect(await world.inTenant(tenant.id, ({ em }) => em.count(Invitation, { email }))).toBe(0);
  });

  test('is there once the transaction has committed, and says whom to write to but no address and no secret', async () => {
    const tenant = await aTenant(world, { plan: 'free' });

    const [job] = await jobsOf(tenant);

    expect(job).toMatchObject({ name: 'mail.send', state: 'created' });
    expect(job?.data).toEqual({ mail: 'invitation', tenantId: tenant.id, invitationId: expect.any(String) });
  });

  test('that is run again is not sent again, once it is noted that it went', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const worker = await world.another({ ROLE: 'worker' });
    await finished(tenant);
    const first = await mailsFor(tenant);

    await runAgain(tenant);
    await worker.stop();

    expect(first).toHaveLength(1);
    expect(await mailsFor(tenant)).toEqual(first);
  });

  test('whose worker died before it was noted is sent again as the same mail: one file, with the newest link', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const worker = await world.another({ ROLE: 'worker' });
    await finished(tenant);
    const first = await mailsFor(tenant);

    await world.inTenant(tenant.id, ({ em }) =>
      em.nativeUpdate(Notification, { tenantId: tenant.id }, { sentAt: null }),
    );
    await runAgain(tenant);
    await worker.stop();

    const second = await mailsFor(tenant);
    expect(first).toHaveLength(1);
    expect(second.map(({ file }) => file)).toEqual(first.map(({ file }) => file));
    expect(second[0]?.text).not.toBe(first[0]?.text);
    expect(messageIdOf(second[0]?.text)).toBe(messageIdOf(first[0]?.text));
  });

  test('to a tenant whose purge has begun is not sent', async () => {
    const { offboarding, tenants } = world.operator;
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    const tenantId = tenant.id;
    await offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note: 'over' });
    await tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
    await offboarding.execute.mutate({ tenantId, confirm: tenant.slug });
    await tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
    await offboarding.purge.mutate({ tenantId, confirm: tenant.slug });
    const waiting = (await jobsOf(tenant)).filter(({ name }) => name === 'mail.send');

    const worker = await world.another({ ROLE: 'worker' });
    await eventually(
      async () => (await jobsOf(tenant)).every(({ state }) => state === 'completed'),
      'an end to its jobs',
    );
    await worker.stop();

    expect(waiting.map(({ data }) => data['mail'])).toEqual([
      'invitation',
      'offboarding_scheduled',
      'offboarded',
    ]);
    expect(await mailsFor(tenant)).toEqual([]);
  });

  test('to a tenant that is gone is no failure', async () => {
    const id = randomUUID();
    await query(
      `insert into pgboss.job (name, data) values ('mail.send', jsonb_build_object('mail', 'trial_ended', 'tenantId', $1::text, 'userId', $1::text))`,
      [id],
    );

    const worker = await world.another({ ROLE: 'worker' });
    const state = await eventually(async () => {
      const [job] = await query(`select state from pgboss.job where data->>'tenantId' = $1`, [id]);
      return job?.state === 'created' || job?.state === 'active' ? null : job?.state;
    }, 'the job');
    await worker.stop();

    expect(state).toBe('completed');
  });
});

test.each(['select data from pgboss.job', 'update pgboss.job set data = null', 'delete from pgboss.job'])(
  'a scope may promise a job, but not %s: jobs are of all tenants',
  async (statement) => {
    const tenant = await aTenant(world, { plan: 'free' });
    const entry = world.entry({ kind: 'system' });

    await expect(world.inTenant(tenant.id, ({ em }) => em.execute(statement))).rejects.toEqual(
      sqlError('42501'),
    );
    await expect(world.db.asControlPlane(entry, ({ em }) => em.execute(statement))).rejects.toEqual(
      sqlError('42501'),
    );
  },
);

describe('a job whose worker died', () => {
  test.each(jobNames)('goes to another within two minutes: %s', async (name) => {
    const [queue] = await query(
      'select heartbeat_seconds, retry_limit, retry_delay from pgboss.queue where name = $1',
      [name],
    );

    // The silence itself, the round that notices it and may have been late by one, and the first delay with its jitter.
    const worst = queue?.heartbeat_seconds + 2 * superviseSeconds + 2 * queue?.retry_delay;
    expect(queue).toMatchObject({
      heartbeat_seconds: jobs[name].heartbeatSeconds,
      retry_limit: jobs[name].retryLimit,
    });
    expect(worst).toBeLessThanOrEqual(120);
    expect(queue?.retry_limit).toBeGreaterThan(0);
  });

  test('is taken up by another worker when its heartbeat has stopped', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const [job] = await jobsOf(tenant);
    const supervisor = openJobs(world.database.loginUrl, { supervise: true });
    const complaints: unknown[] = [];
    supervisor.on('error', (error) => complaints.push(error));
    await supervisor.start();
    // What a worker that was killed leaves behind: a job that is active, and silent for longer than its heartbeat.
    await query(
      `update pgboss.job set state = 'active', started_on = now() - interval '1 minute',
         heartbeat_on = now() - interval '1 minute' where name = 'mail.send' and id = $1`,
      [job?.id],
    );
    await supervisor.supervise('mail.send');
    const freed = await jobsOf(tenant);
    await supervisor.stop({ graceful: false });
    await query(`update pgboss.job set start_after = now() where name = 'mail.send' and id = $1`, [job?.id]);
    const worker = await world.another({ ROLE: 'worker' });
    await eventually(async () => (await jobsOf(tenant))[0]?.state === 'completed', 'the second worker');
    await worker.stop();

    expect(freed).toMatchObject([{ state: 'retry' }]);
    expect(complaints).toEqual([]);
    expect(await mailsFor(tenant)).toHaveLength(1);
  });
});

type Job = { id: string; name: string; state: string; data: Record<string, unknown> };

function jobsOf(tenant: TestTenant): Promise<Job[]> {
  return query<Job>(
    `select id, name, state, data from pgboss.job where data->>'tenantId' = $1 order by created_on`,
    [tenant.id],
  );
}

function finished(tenant: TestTenant) {
  return eventually(async () => (await jobsOf(tenant))[0]?.state === 'completed', 'the job');
}

async function runAgain(tenant: TestTenant): Promise<void> {
  await query(
    `update pgboss.job set state = 'created', started_on = null, completed_on = null
     where name = 'mail.send' and data->>'tenantId' = $1`,
    [tenant.id],
  );
  await finished(tenant);
}

async function everyJob(): Promise<number> {
  const [row] = await query<{ count: string }>('select count(*) from pgboss.job');
  return Number(row?.count);
}

async function mailsFor(tenant: TestTenant): Promise<{ file: string; text: string }[]> {
  const folder = join(world.dataDir, 'mail');
  const files = await readdir(folder);
  const mails = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })),
  );
  return mails.filter(({ text }) => text.includes(`To: ${tenant.ownerEmail}`));
}

function messageIdOf(text: string | undefined): string | undefined {
  return /^Message-ID: (.+)$/im.exec(text ?? '')?.[1];
}
