import { describe, expect, test } from 'vitest';
import { Tombstone } from '../../src/db/entities/tombstone.ts';
import type { ApprovableAction } from '../../src/domain/approvals.ts';
import type { AuditAction } from '../../src/domain/audit-actions.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, eventually, mailTo, openWorld, type TestTenant } from '../support/world.ts';
import { aCast, approvalOf, asking, eventsOf, toldOf } from './asking.ts';

const world = await openWorld();
const { operator } = world;
const { askToLeave, onNotice, offboarded, onHold, getApproval } = asking(world);
const { asker, other, care, clerk } = await aCast(world);

type Case = {
  action: ApprovableAction;
  subject: () => Promise<{ id: string; slug?: string }>;
  call: (subject: { id: string; slug: string }) => Promise<unknown>;
  /** Whether it has happened. */
  has: (subject: { id: string }) => Promise<boolean>;
  /** Who else may approve it. */
  deciders: string[];
  /** What is recorded of it; a purge leaves its tombstone. */
  event: AuditAction;
};

const getStatus = async ({ id: tenantId }: { id: string }) =>
  (await operator.tenants.get.query({ tenantId })).status;
const { offboarding } = asker.client;

const cases: Case[] = [
  {
    action: 'offboarding.schedule',
    subject: () => aTenant(world, { plan: 'free' }),
    call: ({ id: tenantId }) =>
      offboarding.schedule.mutate({ tenantId, trigger: 'terms_violation', note: 'spam was sent' }),
    has: async ({ id: tenantId }) =>
      operator.offboarding.get.query({ tenantId }).then(
        ({ phase, trigger }) => phase === 'scheduled' && trigger === 'terms_violation',
        () => false,
      ),
    deciders: [other.id, care.id],
    event: 'offboarding.scheduled',
  },
  {
    action: 'offboarding.execute',
    subject: onNotice,
    call: ({ id: tenantId, slug: confirm }) => offboarding.execute.mutate({ tenantId, confirm }),
    has: async (tenant) => (await getStatus(tenant)) === 'offboarded',
    deciders: [other.id],
    event: 'tenant.offboarded',
  },
  {
    action: 'offboarding.releaseHold',
    subject: onHold,
    call: ({ id: tenantId }) => offboarding.releaseHold.mutate({ tenantId, note: 'the case is closed' }),
    has: async ({ id }) => (await eventsOf(world, id, 'legal_hold.released')).length > 0,
    deciders: [other.id, care.id],
    event: 'legal_hold.released',
  },
  {
    action: 'operators.setRole',
    subject: () => anOperator(world, 'read_only'),
    call: ({ id: operatorId }) => asker.client.operators.setRole.mutate({ operatorId, role: 'billing' }),
    has: async ({ id }) =>
      (await operator.operators.list.query({ limit: 100 })).items.some(
        (item) => item.id === id && item.role === 'billing',
      ),
    deciders: [other.id],
    event: 'operator.role_changed',
  },
];

describe.each(cases)('$action', ({ action, subject: make, call, has, deciders, event }) => {
  test('waits for a second person, and then runs as who asked, with both names in the audit', async () => {
    const subject = { slug: '', ...(await make()) };
    const tenantId = action === 'operators.setRole' ? null : subject.id;

    const approvalId = await approvalOf(call(subject));

    expect(await has(subject)).toBe(false);
    const pending = await operator.approvals.list.query({ state: 'pending' });
    expect(pending.items[0]).toMatchObject({
      id: approvalId,
      tenantId,
      action,
      requestedBy: { kind: 'operator', id: asker.id, person: asker.email },
    });
    const told = await toldOf(world, tenantId, { mail: 'approval_requested', approvalId });
    expect(told).toEqual(expect.arrayContaining(deciders));
    for (const each of [asker, clerk]) expect(told).not.toContain(each.id);
    expect(told.includes(care.id)).toBe(deciders.includes(care.id));

    const { approval } = await other.client.approvals.approve.mutate({ approvalId, note: 'seen' });

    expect(approval).toMatchObject({
      state: 'approved',
      decidedBy: { id: other.id, person: other.email },
      note: 'seen',
      failure: null,
    });
    expect(await has(subject)).toBe(true);
    const events = await eventsOf(world, tenantId, event);
    expect(events.filter(({ actorId }) => actorId === asker.id)).toEqual([
      expect.objectContaining({
        details: expect.objectContaining({
          approval: { id: approvalId, approvedBy: other.id, brokenGlass: false },
        }),
      }),
    ]);
    const [given] = (await eventsOf(world, tenantId, 'approval.approved')).slice(-1);
    expect(given).toMatchObject({
      actorId: other.id,
      targetId: approvalId,
      details: { action, requestedBy: { kind: 'operator', id: asker.id } },
    });
  });
});

test('a purge before its time waits for a second person, whose name stands in its order', async () => {
  const tenant = await offboarded();
  const input = { tenantId: tenant.id, confirm: tenant.slug };
  const approvalId = await approvalOf(offboarding.purge.mutate(input));
  const findOrder = () =>
    world.db.asControlPlane(
      world.entry({ kind: 'system' }),
      async ({ em }) => (await em.findOne(Tombstone, tenant.id))?.order,
    );
  expect(await findOrder()).toBeUndefined();

  const { result } = await care.client.approvals.approve.mutate({ approvalId });

  expect(result).toEqual({ tenantId: tenant.id, phase: 'purging' });
  expect(await findOrder()).toMatchObject({
    claimedBy: { kind: 'operator', id: asker.id },
    approvedBy: care.id,
  });
});

test('what runs is what was asked for, to the letter, and nothing that came with the call', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const effectiveAt = new Date(Date.now() + 5 * 86_400_000).toISOString();
  const input = { trigger: 'contract_end', note: 'ends early', effectiveAt } as const;
  const call = { tenantId: tenant.id, ...input, idempotencyKey: 'k', unknown: 'x' };
  const approvalId = await approvalOf(offboarding.schedule.mutate(call));
  expect((await getApproval(approvalId)).input).toEqual(input);

  await other.client.approvals.approve.mutate({ approvalId });

  expect(await operator.offboarding.get.query({ tenantId: tenant.id })).toMatchObject({
    ...input,
    requestedBy: { kind: 'operator', id: asker.id },
  });
});

test('a tenant’s owner may ask to leave sooner; an operator approves, and it is the owner’s own act', async () => {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const effectiveAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { trigger: 'customer_request', note: 'we move', effectiveAt } as const;
  const approvalId = await approvalOf(owner.client.offboarding.schedule.mutate(input));
  const told = await toldOf(world, tenant.id, { mail: 'approval_requested', approvalId });
  expect(told).toEqual(expect.arrayContaining([asker.id, other.id, care.id]));
  expect((await refusalOf(owner.client.approvals.approve.mutate({ approvalId }))).reason).toBe(
    'PERMISSION_DENIED',
  );

  await care.client.approvals.approve.mutate({ approvalId });

  expect(await operator.offboarding.get.query({ tenantId: tenant.id })).toMatchObject({
    requestedBy: { kind: 'user', id: owner.user.id },
  });
  const [event] = await eventsOf(world, tenant.id, 'offboarding.scheduled');
  expect(event).toMatchObject({
    actorKind: 'user',
    actorId: owner.user.id,
    details: { approval: { id: approvalId, approvedBy: care.id } },
    personal: {},
  });
});

test('the mail names what, whose and who asks, and says how to decide', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { id: operatorId } = await anOperator(world, 'read_only');
  const approvalId = await askToLeave(tenant, asker.client);
  const ofNoTenant = await approvalOf(
    asker.client.operators.setRole.mutate({ operatorId, role: 'customer_success' }),
  );

  const subject = new RegExp(`Approval asked for: offboarding.schedule of Tenant ${tenant.slug}`);
  const mail = await mailTo(world, care.email, subject);
  const second = await eventually(
    async () => (await world.mails()).find(({ text }) => text?.includes(ofNoTenant)),
    'the mail about a role',
  );

  for (const part of [asker.email, 'spam was sent', 'terms_violation', approvalId, 'approvals.approve'])
    expect(mail.text).toContain(part);
  for (const part of [asker.email, operatorId, 'customer_success', 'operators.setRole'])
    expect(second.text).toContain(part);
});

test('a tenant’s people cannot flood the operators: the sixth request that waits is refused', async () => {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const effectiveAt = new Date(Date.now() + 86_400_000).toISOString();
  const ask = (note: string) =>
    owner.client.offboarding.schedule.mutate({ trigger: 'customer_request', note, effectiveAt });
  const notes = ['one', 'two', 'three', 'four', 'five'];
  const approvalIds = [];
  for (const note of notes) approvalIds.push(await approvalOf(ask(note)));

  expect((await refusalOf(ask('six'))).reason).toBe('CONFLICT');
  expect(await approvalOf(ask('five'))).toBe(approvalIds.at(-1));
});

test('lowering an operator and making one need no approval', async () => {
  const { id: operatorId } = await anOperator(world, 'engineering');

  const lowered = await asker.client.operators.setRole.mutate({ operatorId, role: 'customer_success' });

  expect(lowered.role).toBe('customer_success');
});

test('only operators who could do it themselves approve it', async () => {
  const tenant: TestTenant = await onNotice();
  const input = { tenantId: tenant.id, confirm: tenant.slug };
  const approvalId = await approvalOf(offboarding.execute.mutate(input));

  for (const { client } of [clerk, care]) {
    const refusals = [
      await refusalOf(client.approvals.approve.mutate({ approvalId })),
      await refusalOf(client.approvals.reject.mutate({ approvalId, note: 'no' })),
    ];
    for (const { reason } of refusals) expect(reason).toBe('PERMISSION_DENIED');
  }

  expect((await getApproval(approvalId)).state).toBe('pending');
  expect(await getStatus(tenant)).toBe('active');
});
