import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DueDeadline } from '../../src/db/deadlines.ts';
import { Deadline } from '../../src/db/entities/control.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import { type TaskParts, tasks } from '../../src/worker/tasks.ts';
import { connect } from '../support/connection.ts';
import { createLog } from '../../src/infra/log.ts';
import { createMetrics } from '../../src/infra/metrics.ts';
import { createMailer } from '../../src/infra/mailer.ts';
import { Tenant } from '../../src/db/entities/tenant.ts';
import { aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';

// No worker runs here but those that a test starts.
const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;
const owner = await connect(world.database.ownerUrl);

const failOnAny = (due: DueDeadline, error: unknown) => {
  throw new Error(`${due.kind} failed`, { cause: error });
};

test('of 300 deadlines that are due, swept by two services at once, each fires exactly once', async () => {
  const tenants = [await aFree(), await aFree(), await aFree()];
  for (const tenant of tenants) await addDueInvitations(tenant, 100);

  const services = [await world.another({ ROLE: 'worker' }), await world.another({ ROLE: 'worker' })];
  await eventually(async () => (await dueIn(tenants)) === 0, 'all 300 fired', 60);
  await Promise.all(services.map((service) => service.stop()));

  for (const { id } of tenants) {
    const expired = await world.inTenant(id, ({ em }) =>
      em.execute<{ target_id: string }[]>(
        `select target_id from audit_events where action = 'invitation.expired'`,
      ),
    );
    const left = await world.inTenant(id, ({ em }) =>
      em.execute<unknown[]>(`select id from invitations where expired_at is null and email like 'late-%'`),
    );
    expect(expired).toHaveLength(100);
    expect(new Set(expired.map((event) => event.target_id)).size).toBe(100);
    expect(left).toEqual([]);
  }
});

test('four sweeps in one process share what is due, and fire none of it twice', async () => {
  const tenant = await aFree();
  await addDueInvitations(tenant, 40);

  const fired = await Promise.all([1, 2, 3, 4].map(() => sweepDeadlines(world.db, failOnAny)));

  expect(fired.reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(await dueIn([tenant])).toBe(0);
});

test('a deadline whose action throws stays due, is reported, and holds up no other', async () => {
  const tenant = await aFree();
  const broken = await addBroken(tenant);
  await addDueInvitations(tenant, 5);

  const failures: { due: DueDeadline; error: unknown }[] = [];
  const fired = await sweepDeadlines(world.db, (due, error) => failures.push({ due, error }));

  expect(fired).toBe(5);
  expect(failures).toEqual([{ due: broken, error: expect.any(Error) }]);
  expect(await dueIn([tenant])).toBe(1);
  await remove(broken);
});

test('the sweep that a clock asks for tries every deadline, and fails when one of them did', async () => {
  const tenant = await aFree();
  const broken = await addBroken(tenant);
  await addDueInvitations(tenant, 5);
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  const parts: TaskParts = {
    db: world.db,
    mailer,
    places: { link: () => '', supportEmail: null, supportUrl: null },
    log: createLog({ level: 'fatal', format: 'json' }),
    metrics: createMetrics(),
  };

  const swept = tasks['deadlines.sweep'](parts, { id: randomUUID(), data: {} });

  await expect(swept).rejects.toThrow('deadlines failed and stay due');
  expect(await dueIn([tenant])).toBe(1);
  await remove(broken);
});

test('what an action wrote before it failed is rolled back with its claim, and done once the fault is mended', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'professional', sandbox: true });
  await operator.tenants.advanceClock.mutate({ tenantId, by: 'P14D' });
  await owner(
    `create function refuse_event() returns trigger as $$ begin raise 'no room'; end $$ language plpgsql`,
  );
  await owner(`create trigger refuse_event before insert on audit_events for each row
    when (new.action = 'tenant.trial_ended') execute function refuse_event()`);

  const failures: string[] = [];
  await sweepDeadlines(world.db, ({ kind }) => failures.push(kind));
  const between = await operator.tenants.get.query({ tenantId });
  const events = await operator.audit.list.query({ tenantId, action: 'tenant.plan_changed' });
  await owner('drop trigger refuse_event on audit_events');
  await sweepDeadlines(world.db, failOnAny);

  expect(failures).toEqual(['trial_end']);
  expect(between).toMatchObject({ status: 'trial', plan: 'professional' });
  expect(events.items).toEqual([]);
  expect(await operator.tenants.get.query({ tenantId })).toMatchObject({ status: 'active', plan: 'free' });
});

test('a deadline that is not due yet does not fire', async () => {
  const tenant = await aTenant(world, { plan: 'professional' });

  await sweepDeadlines(world.db, failOnAny);

  expect(await operator.tenants.get.query({ tenantId: tenant.id })).toMatchObject({ status: 'trial' });
});

/** A tenant on which nothing is due. */
async function aFree(): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan: 'free' });
  // As many invitations as it likes.
  await world.inTenant(tenant.id, ({ em }) => em.nativeUpdate(Tenant, tenant.id, { limitUsers: null }));
  return tenant;
}

async function addDueInvitations({ id }: TestTenant, count: number): Promise<void> {
  await world.inTenant(id, ({ em }) =>
    em.execute(
      `with added as (
         insert into invitations (tenant_id, id, email, email_key, role, created_at, expires_at)
         select ?, gen_random_uuid(), 'late-' || n || '@x.example', 'late-' || n || '@x.example', 'member', now(), now()
         from generate_series(1, ?::int) n returning tenant_id, id)
       insert into deadlines (tenant_id, kind, subject, due_at, fires_at)
       select tenant_id, 'invitation_expiry', id::text, now(), now() - interval '1 second' from added`,
      [id, count],
    ),
  );
}

/** A deadline of a kind that this code has no action for, due before all others. */
async function addBroken({ id }: TestTenant): Promise<{ tenantId: string; kind: string; subject: string }> {
  const due = { tenantId: id, kind: 'of_a_later_version', subject: '' };
  await world.inTenant(id, ({ em }) =>
    em.execute(
      `insert into deadlines (tenant_id, kind, subject, due_at, fires_at) values (?, ?, ?, now(), '2020-01-01')`,
      Object.values(due),
    ),
  );
  return due;
}

async function remove({ tenantId, kind }: { tenantId: string; kind: string }): Promise<void> {
  await world.inTenant(tenantId, ({ em }) => em.execute(`delete from deadlines where kind = ?`, [kind]));
}

async function dueIn(tenants: readonly TestTenant[]): Promise<number> {
  const counts = await Promise.all(
    tenants.map(({ id }) =>
      world.inTenant(id, ({ em, now }) => em.count(Deadline, { firesAt: { $lte: now } })),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
