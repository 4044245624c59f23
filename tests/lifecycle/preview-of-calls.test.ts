import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { noTenant } from '../../src/db/policies.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { connect } from '../support/connection.ts';
import { aTenant, openWorld } from '../support/world.ts';

// No worker runs, so that nothing but the calls changes anything.
const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;
const owner = await connect(world.database.ownerUrl);

/** Everything that a call could leave: rows of the tenant and of none, and promised jobs. */
async function everything(tenantId: string) {
  const [jobs] = await owner('select count(*)::int as count from pgboss.job');
  const rows = await world.inTenant(tenantId, ({ em }) =>
    em.execute(
      `select (select jsonb_agg(to_jsonb(t)) from tenants t) as tenant,
        (select jsonb_agg(to_jsonb(d) order by kind, subject) from deadlines d) as deadlines,
        (select count(*)::int from audit_events) as audit, (select count(*)::int from suspensions) as suspensions,
        (select count(*)::int from offboardings) as offboardings, (select count(*)::int from tasks) as tasks,
        (select count(*)::int from notifications) as notifications, (select count(*)::int from plan_changes) as plans,
        (select count(*)::int from customer_notes) as notes, (select count(*)::int from idempotency_keys) as keys,
        (select count(*)::int from sessions where ended_at is null) as sessions`,
    ),
  );
  return { jobs, rows };
}

const cause = { trigger: 'security_incident', mode: 'blocked', note: 'keys leaked' } as const;
const leave = { trigger: 'contract_end', note: 'it ends' } as const;

const calls = {
  'suspension.suspend': (input: object) =>
    operator.suspension.suspend.mutate({ ...base, ...cause, ...input }),
  'offboarding.schedule': (input: object) =>
    operator.offboarding.schedule.mutate({ ...base, ...leave, ...input }),
  'plans.change': (input: object) =>
    operator.plans.change.mutate({ ...base, plan: 'enterprise', note: 'agreed', ...input }),
  'offboarding.placeHold': (input: object) =>
    operator.offboarding.placeHold.mutate({ ...base, note: 'x', ...input }),
} satisfies Record<string, (input: object) => Promise<{ preview?: unknown }>>;
let base = { tenantId: '' };

test.each(Object.entries(calls))(
  '%s as a preview tells what would happen, and leaves nothing',
  async (_, run) => {
    base = { tenantId: (await aTenant(world, { plan: 'free' })).id };
    await theOwner(world, { id: base.tenantId, slug: '', ownerEmail: await ownerEmail() });
    const before = await everything(base.tenantId);

    const previewed = await run({ preview: true, idempotencyKey: randomUUID() });

    expect(previewed.preview).toMatchObject({
      previewToken: expect.any(String),
      events: expect.arrayContaining([{ action: expect.any(String), details: expect.anything() }]),
    });
    expect(await everything(base.tenantId)).toEqual(before);
  },
);

test('what a preview of a suspension tells is what the suspension then does', async () => {
  const tenant = await aTenant(world, { plan: 'professional' });
  await theOwner(world, tenant);
  const input = { tenantId: tenant.id, ...cause };

  const { preview } = await operator.suspension.suspend.mutate({ ...input, preview: true });
  const done = await operator.suspension.suspend.mutate({
    ...input,
    ...(preview ? { previewToken: preview.previewToken } : {}),
  });

  expect(preview).toMatchObject({
    state: {
      before: { status: 'trial', accessMode: 'full' },
      after: { status: 'suspended', accessMode: 'blocked' },
    },
    sessionsEnded: 1,
    approvalNeeded: false,
    access: { closed: expect.arrayContaining(['member_reads', 'scim_writes'].slice(0, 1)), opened: [] },
  });
  expect(preview?.mails.map((mail) => JSON.stringify(mail)).join()).toContain('keys leaked');
  expect(preview?.deadlines.cleared.map(({ kind }) => kind)).toContain('trial_end');
  expect(done).toMatchObject({ status: 'suspended', accessMode: 'blocked' });
  expect(done.preview).toBeUndefined();
});

test('a preview is applied only while the world is the same, and to the same input', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const { preview } = await operator.suspension.suspend.mutate({ tenantId, ...cause, preview: true });
  const previewToken = preview?.previewToken ?? '';

  const other = operator.suspension.suspend.mutate({ tenantId, ...cause, note: 'another', previewToken });
  expect((await refusalOf(other)).reason).toBe('CONFLICT');
  await operator.tenants.update.mutate({ tenantId, name: 'Renamed meanwhile' });
  const stale = operator.suspension.suspend.mutate({ tenantId, ...cause, previewToken });

  expect((await refusalOf(stale)).reason).toBe('CONFLICT');
  expect((await operator.tenants.get.query({ tenantId })).status).toBe('active');
});

test('a preview of what needs approval says so, asks nobody, and stores nothing', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const input = { tenantId, trigger: 'terms_violation', note: 'spam' } as const;

  const { preview } = await operator.offboarding.schedule.mutate({ ...input, preview: true });

  const approvals = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute<unknown[]>('select id from approvals where tenant_id = ?', [tenantId]),
  );
  expect(preview?.approvalNeeded).toBe(true);
  expect(approvals).toEqual([]);
});

test('a preview of a new tenant shows its mails and leaves no tenant and no slug behind', async () => {
  const slug = `t-${randomUUID().slice(0, 13)}`;
  const input = { name: 'New', slug, plan: 'professional', adminEmail: 'new@mail.example' } as const;

  const { preview, id } = await operator.tenants.create.mutate({ ...input, preview: true });

  expect(preview?.mails.length).toBeGreaterThan(0);
  expect(preview?.deadlines.set.map(({ kind }) => kind)).toContain('trial_end');
  expect((await refusalOf(operator.tenants.get.query({ tenantId: id }))).reason).toBe('NOT_FOUND');
  expect((await operator.tenants.create.mutate(input)).slug).toBe(slug);
});

test('who may not do it may not preview it', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const { client } = await anOperator(world, 'read_only');

  const refusal = await refusalOf(client.suspension.suspend.mutate({ tenantId, ...cause, preview: true }));

  expect(refusal.reason).toBe('PERMISSION_DENIED');
});

test('a mutation that has no preview refuses one and does nothing', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  const refusal = await refusalOf(
    operator.projects.create.mutate({ tenantId, name: 'P', preview: true, previewToken: undefined }),
  );

  expect(refusal.reason).toBe('INVALID_INPUT');
  expect((await operator.projects.list.query({ tenantId })).items).toEqual([]);
});

async function ownerEmail(): Promise<string> {
  const [invited] = await world.inTenant(base.tenantId, ({ em }) =>
    em.execute<{ email: string }[]>('select email from invitations'),
  );
  return invited?.email ?? noTenant;
}
