import { describe, expect, test } from 'vitest';
import { Notification } from '../../src/db/entities/notification.ts';
import { suspensionTriggers } from '../../src/domain/lifecycle/suspensions.ts';
import { suspendTenant } from '../../src/actions/suspension/suspension.ts';
import { auditOf, refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, mailTo, openWorld, type TestTenant } from '../support/world.ts';
import { leaving } from './leaving.ts';
import { suspending } from './suspending.ts';

const world = await openWorld();
const { suspension, tasks, offboarding } = world.operator;
const { advance } = suspending(world);
const { anOffboarded } = leaving(world);

const note = 'a reason';
const team = {
  care: await anOperator(world, 'customer_success'),
  engineer: await anOperator(world, 'engineering'),
  billing: await anOperator(world, 'billing'),
  reader: await anOperator(world, 'read_only'),
};

const aSandbox = () => aTenant(world, { plan: 'free', sandbox: true });
const suspend = (
  tenant: { id: string },
  trigger: 'payment_failure' | 'terms_violation' | 'customer_request',
) => suspension.suspend.mutate({ tenantId: tenant.id, trigger, mode: 'read_only', note, notify: false });
const queueOf = async ({ id }: { id: string }, done = false) =>
  (await tasks.list.query({ tenantId: id, done })).items;

/** Whom of the team a mail was promised to, about this tenant. */
async function toldOf({ id }: TestTenant, mail: Notification['mail']): Promise<string[]> {
  const told = await world.inTenant(id, ({ em }) =>
    em.find(Notification, { tenantId: id, mail, recipientKind: 'operator' }),
  );
  return Object.entries(team)
    .flatMap(([name, { id: operatorId }]) =>
      told.filter(({ recipientId }) => recipientId === operatorId).map(() => name),
    )
    .toSorted();
}

describe('a suspension’s review', () => {
  test.each(suspensionTriggers)('for %s is in the queue by its priority', async (trigger) => {
    const tenant = await aTenant(world, { plan: 'free' });
    const byTheSystem = trigger === 'inactivity' || trigger === 'trial_expired';
    const input = { trigger, mode: 'read_only', note, notify: false } as const;
    if (byTheSystem) await world.inTenant(tenant.id, (scope) => suspendTenant(scope, input));
    else await suspension.suspend.mutate({ tenantId: tenant.id, ...input });

    const [task] = await queueOf(tenant);

    const priority = byTheSystem ? 'P2' : trigger === 'customer_request' ? 'P1' : 'P0';
    const most = { P0: 0, P1: 4, P2: 7 }[priority] * 86_400_000;
    expect(task).toMatchObject({ kind: 'suspension_review', priority, owner: 'customer_success' });
    expect(task).toMatchObject({ backup: 'engineering', tenantId: tenant.id, doneAt: null });
    const wait = Date.parse(task?.dueAt ?? '') - Date.now();
    expect(wait).toBeGreaterThan({ P0: -30_000, P1: 22 * 3_600_000, P2: 6.99 * 86_400_000 }[priority]);
    expect(wait).toBeLessThanOrEqual(most);
  });

  test('of P0 alerts at once who may lift the cause, and of P1 nobody', async () => {
    const [unpaid, violating, asked] = [await aSandbox(), await aSandbox(), await aSandbox()];
    await suspend(unpaid, 'payment_failure');
    await team.care.client.suspension.suspend.mutate({
      tenantId: violating.id,
      trigger: 'terms_violation',
      mode: 'blocked',
      note,
    });
    await suspend(asked, 'customer_request');

    expect(await toldOf(unpaid, 'suspension_alert')).toEqual(['billing', 'care', 'engineer']);
    // Who raised it knows.
    expect(await toldOf(violating, 'suspension_alert')).toEqual(['engineer']);
    expect(await toldOf(asked, 'suspension_alert')).toEqual([]);
    await mailTo(world, team.billing.email, /suspended/);
  });

  test('is closed by lifting that suspension, and by lifting no other', async () => {
    const tenant = await aSandbox();
    const first = await suspend(tenant, 'payment_failure');
    const second = await suspend(tenant, 'terms_violation');

    await suspension.reinstate.mutate({
      tenantId: tenant.id,
      suspensionId: first.suspension.id,
      note: 'paid',
    });

    expect(await queueOf(tenant)).toMatchObject([{ subjectId: second.suspension.id }]);
    expect(await queueOf(tenant, true)).toMatchObject([
      { subjectId: first.suspension.id, note: 'paid', doneBy: { kind: 'operator' } },
    ]);
  });
});

describe('the queue', () => {
  test('shows the most pressing first, then what is due first, page by page', async () => {
    const tenant = await aSandbox();
    for (const trigger of [
      'customer_request',
      'payment_failure',
      'customer_request',
      'terms_violation',
    ] as const)
      await suspend(tenant, trigger);
    await offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'non_payment', note });

    const whole = await queueOf(tenant);
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await tasks.list.query({ tenantId: tenant.id, limit: 2, ...(cursor ? { cursor } : {}) });
      paged.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);

    expect(whole.map(({ priority }) => priority)).toEqual(['P0', 'P0', 'P1', 'P1', 'P2']);
    expect(whole.map(({ dueAt }) => dueAt).slice(0, 4)).toEqual(
      whole
        .map(({ dueAt }) => dueAt)
        .slice(0, 4)
        .toSorted(),
    );
    expect(paged).toEqual(whole);
    expect((await tasks.list.query({ tenantId: tenant.id, priority: 'P1' })).items).toHaveLength(2);
  });

  test.each(['', 'x', Buffer.from('P9 then 1').toString('base64url')])(
    'gives no page behind "%s"',
    async (cursor) => {
      expect((await refusalOf(tasks.list.query({ cursor }))).reason).toBe('INVALID_INPUT');
    },
  );

  test('is read by every operator, worked off by those who do such work, and seen by no tenant', async () => {
    const tenant = await aSandbox();
    const owner = await theOwner(world, tenant);
    await suspend(tenant, 'terms_violation');
    const [{ id: taskId } = { id: '' }] = await queueOf(tenant);
    const input = { tenantId: tenant.id, taskId, note: 'looked at' };

    const denied = [
      await refusalOf(owner.client.tasks.list.query()),
      await refusalOf(owner.client.tasks.complete.mutate({ taskId, note })),
      await refusalOf(team.reader.client.tasks.complete.mutate(input)),
    ];
    expect(denied.map(({ reason }) => reason)).toEqual(denied.map(() => 'PERMISSION_DENIED'));
    for (const { client } of Object.values(team))
      expect((await client.tasks.list.query({ tenantId: tenant.id })).items).toHaveLength(1);
    expect(await team.billing.client.tasks.complete.mutate(input)).toMatchObject({ note: 'looked at' });
  });

  test('has a task ticked off once, by one of two at once, with what was done and where it is seen', async () => {
    const tenant = await aSandbox();
    await suspend(tenant, 'terms_violation');
    const [{ id: taskId } = { id: '' }] = await queueOf(tenant);
    const complete = ({ client }: { client: typeof world.operator }) =>
      client.tasks.complete.mutate({ tenantId: tenant.id, taskId, note: 'seen', evidence: 'ticket 7' });

    const outcomes = await Promise.allSettled([complete(team.care), complete(team.engineer)]);
    const late = await refusalOf(complete(team.care));

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(late.reason).toBe('CONFLICT');
    expect(await queueOf(tenant, true)).toMatchObject([{ note: 'seen', evidence: 'ticket 7' }]);
    expect((await auditOf(world, tenant.id)).filter((action) => action === 'task.completed')).toHaveLength(1);
  });

  test('knows no task of another tenant', async () => {
    const [tenant, other] = [await aSandbox(), await aSandbox()];
    await suspend(tenant, 'terms_violation');
    const [{ id: taskId } = { id: '' }] = await queueOf(tenant);

    const refusal = await refusalOf(tasks.complete.mutate({ tenantId: other.id, taskId, note }));

    expect(refusal.reason).toBe('NOT_FOUND');
  });
});

describe('a task that is overdue by two days', () => {
  test('goes to its backup, once, and no sooner', async () => {
    const tenant = await aSandbox();
    await suspend(tenant, 'terms_violation');

    await advance(tenant, 'PT47H');
    const early = await toldOf(tenant, 'task_escalated');
    await advance(tenant, 'PT1H');
    await expect.poll(async () => (await queueOf(tenant))[0]?.escalatedAt).toEqual(expect.any(String));
    await advance(tenant, 'P3D');

    expect(early).toEqual([]);
    expect(await toldOf(tenant, 'task_escalated')).toEqual(['engineer']);
    expect((await auditOf(world, tenant.id)).filter((action) => action === 'task.escalated')).toHaveLength(1);
    await mailTo(world, team.engineer.email, /Overdue|overdue/);
  });

  test('goes nowhere when it was done before', async () => {
    const tenant = await aSandbox();
    await suspend(tenant, 'terms_violation');
    await suspension.reinstate.mutate({ tenantId: tenant.id, note: 'over' });

    await advance(tenant, 'P5D');

    expect(await toldOf(tenant, 'task_escalated')).toEqual([]);
    expect(await queueOf(tenant, true)).toMatchObject([{ escalatedAt: null }]);
  });
});

describe('the closing checklist', () => {
  test('opens when a tenant ends, with owners, backups and days, and can be worked off', async () => {
    const tenant = await anOffboarded();

    const list = await queueOf(tenant);
    for (const { id: taskId } of list)
      await tasks.complete.mutate({ tenantId: tenant.id, taskId, note: 'done', evidence: 'archive/7' });

    const now = Date.parse((await world.operator.tenants.get.query({ tenantId: tenant.id })).now);
    const lines = list.map(
      ({ kind, owner, backup, dueAt }) =>
        `${kind}: ${owner}, then ${backup}, ${Math.round((Date.parse(dueAt) - now) / 86_400_000)} days`,
    );
    expect(lines.toSorted()).toEqual([
      'closing_billing: billing, then customer_success, 7 days',
      'closing_communications: customer_success, then engineering, 14 days',
      'closing_tickets: customer_success, then engineering, 7 days',
    ]);
    expect(await queueOf(tenant)).toEqual([]);
  });

  test('escalates what nobody did, and is closed when the tenant is taken back', async () => {
    const tenant = await anOffboarded();
    await advance(tenant, 'P9D');
    // The review of the notice had been overdue before the end; then what was due within seven days of it.
    await expect.poll(() => toldOf(tenant, 'task_escalated')).toEqual(['care', 'engineer', 'engineer']);

    await offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

    expect(await queueOf(tenant)).toEqual([]);
    expect((await queueOf(tenant, true)).filter(({ kind }) => kind.startsWith('closing_'))).toHaveLength(3);
  });
});
