import { expect, test } from 'vitest';
import { approveApproval } from '../../src/actions/operations/approval-decisions.ts';
import { hashRequest } from '../../src/actions/operations/approvals.ts';
import { Approval } from '../../src/db/entities/operations.ts';
import { User } from '../../src/db/entities/user.ts';
import { sweepApprovals } from '../../src/worker/approvals.ts';
import { auditOf, refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, eventually, openWorld } from '../support/world.ts';
import { aCast, approvalOf, asking, eventsOf, toldOf } from './asking.ts';

const world = await openWorld();
const { operator } = world;
const { askToLeave, onNotice, getApproval } = asking(world);
const { asker, other, care, clerk } = await aCast(world);
const aFree = () => aTenant(world, { plan: 'free' });

const phaseOf = ({ id: tenantId }: { id: string }) =>
  operator.offboarding.get.query({ tenantId }).then(
    ({ phase }) => phase,
    () => null,
  );

/** Makes an approval older than it is. */
function age(approvalId: string, days: number): Promise<unknown> {
  return world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute(
      `update approvals set requested_at = requested_at - make_interval(days => ?),
         expires_at = expires_at - make_interval(days => ?) where id = ?`,
      [days, days, approvalId],
    ),
  );
}

test('an approval is given once: a repetition is CONFLICT and runs nothing', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);
  await other.client.approvals.approve.mutate({ approvalId });

  const refusal = await refusalOf(care.client.approvals.approve.mutate({ approvalId }));

  expect(refusal).toMatchObject({
    reason: 'CONFLICT',
    message: 'this approval is approved',
    state: 'approved',
  });
  expect(await eventsOf(world, tenant.id, 'offboarding.scheduled')).toHaveLength(1);
});

test('with an idempotency key the repetition gets the first answer', async () => {
  const approvalId = await askToLeave(await aFree(), asker.client);
  const approve = () => other.client.approvals.approve.mutate({ approvalId, idempotencyKey: approvalId });

  const first = await approve();

  expect(await approve()).toEqual(first);
});

test('of ten who approve at the same moment one does', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);

  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? other : care).client.approvals.approve.mutate({ approvalId }),
    ),
  );

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await eventsOf(world, tenant.id, 'offboarding.scheduled')).toHaveLength(1);
  expect(await eventsOf(world, tenant.id, 'approval.approved')).toHaveLength(1);
});

test('where the world has changed it is refused as ever, has failed, and nothing of it is left', async () => {
  const tenant = await onNotice();
  const input = { tenantId: tenant.id, confirm: tenant.slug };
  const approvalId = await approvalOf(asker.client.offboarding.execute.mutate(input));
  await operator.offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });
  const before = await auditOf(world, tenant.id);

  const refusal = await refusalOf(other.client.approvals.approve.mutate({ approvalId }));

  expect(refusal).toMatchObject({ reason: 'TRANSITION_NOT_ALLOWED', action: 'execute_offboarding' });
  expect(await getApproval(approvalId)).toMatchObject({
    state: 'failed',
    failure: expect.stringMatching(/^TRANSITION_NOT_ALLOWED: /),
    decidedBy: { id: other.id, person: other.email },
  });
  expect(await auditOf(world, tenant.id)).toEqual([...before, 'approval.failed']);
  expect((await operator.tenants.get.query({ tenantId: tenant.id })).status).toBe('active');
  expect((await refusalOf(other.client.approvals.approve.mutate({ approvalId }))).state).toBe('failed');
});

test('a failure is told again to who repeats the call with its key', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);
  await operator.offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note: 'ends' });
  const approve = () => other.client.approvals.approve.mutate({ approvalId, idempotencyKey: approvalId });

  const first = await refusalOf(approve());

  expect(first.reason).toBe('TRANSITION_NOT_ALLOWED');
  expect(await refusalOf(approve())).toMatchObject({ reason: first.reason, message: first.message });
});

test('what somebody asked who is no operator any more, or may it no more, does not run', async () => {
  const [revoked, lowered] = [await anOperator(world, 'engineering'), await anOperator(world, 'engineering')];
  const tenants = [await aFree(), await aFree()] as const;
  const approvalIds = [
    await askToLeave(tenants[0], revoked.client),
    await askToLeave(tenants[1], lowered.client),
  ];
  await operator.operators.revoke.mutate({ operatorId: revoked.id });
  await operator.operators.setRole.mutate({ operatorId: lowered.id, role: 'billing' });

  for (const approvalId of approvalIds) {
    const refusal = await refusalOf(other.client.approvals.approve.mutate({ approvalId }));
    expect(refusal.reason).toBe('PERMISSION_DENIED');
    expect((await getApproval(approvalId)).state).toBe('failed');
  }
  for (const tenant of tenants) expect(await phaseOf(tenant)).toBeNull();
});

test('what an owner asked does not run once that owner is deactivated', async () => {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const effectiveAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { trigger: 'customer_request', note: 'we move', effectiveAt } as const;
  const approvalId = await approvalOf(owner.client.offboarding.schedule.mutate(input));
  await world.inTenant(tenant.id, ({ em }) =>
    em.nativeUpdate(User, { tenantId: tenant.id, id: owner.user.id }, { active: false }),
  );

  const refusal = await refusalOf(other.client.approvals.approve.mutate({ approvalId }));

  expect(refusal.reason).toBe('PERMISSION_DENIED');
  expect(await phaseOf(tenant)).toBeNull();
});

test('what an earlier version stored and this one cannot read has failed, and says so', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);
  const { action } = await getApproval(approvalId);
  const input = { trigger: 'a reason of old', note: 'x' };
  const inputHash = hashRequest({ tenantId: tenant.id, action, input });
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.nativeUpdate(Approval, { id: approvalId }, { input, inputHash }),
  );

  const refusal = await refusalOf(other.client.approvals.approve.mutate({ approvalId }));

  expect(refusal.reason).toBe('INVALID_INPUT');
  expect((await getApproval(approvalId)).state).toBe('failed');
});

test('after seven days an approval is worth nothing, also before the sweep has seen it', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);
  const actor = { kind: 'operator', id: other.id, email: other.email, role: 'engineering' } as const;
  const { expiresAt } = await getApproval(approvalId);
  const approveAt = (now: Date) =>
    world.db.asControlPlane({ ...world.entry(actor), now }, (scope) =>
      approveApproval(scope, { approvalId }),
    );

  await expect(approveAt(new Date(expiresAt))).rejects.toMatchObject({
    reason: 'CONFLICT',
    data: { state: 'expired' },
  });

  const { approval } = await approveAt(new Date(Date.parse(expiresAt) - 1));
  expect(approval.state).toBe('approved');
});

test('the worker marks what has expired; who asks again then asks anew', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);
  await age(approvalId, 7);

  const events = await eventually(async () => {
    const found = await eventsOf(world, tenant.id, 'approval.expired');
    return found.length > 0 && found;
  }, 'the expiry');

  expect(events).toHaveLength(1);
  expect((await getApproval(approvalId)).state).toBe('expired');
  expect(await askToLeave(tenant, asker.client)).not.toBe(approvalId);
});

test('after two days everybody who may decide is told again, once, however many sweeps there are', async () => {
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);
  await sweepApprovals(world.db);
  expect(await toldOf(world, tenant.id, { mail: 'approval_escalated', approvalId })).toEqual([]);
  await age(approvalId, 2);

  await Promise.all(Array.from({ length: 4 }, () => sweepApprovals(world.db)));

  const told = await toldOf(world, tenant.id, { mail: 'approval_escalated', approvalId });
  expect(told).toEqual(expect.arrayContaining([other.id, care.id]));
  for (const each of [asker, clerk]) expect(told).not.toContain(each.id);
  expect(await eventsOf(world, tenant.id, 'approval.escalated')).toHaveLength(1);
  expect((await getApproval(approvalId)).escalatedAt).toEqual(expect.any(String));
});

test('what is rejected does not run, and who asked may take it back so', async () => {
  const [tenant, own] = [await aFree(), await aFree()];
  const approvalId = await askToLeave(tenant, asker.client);
  const ownId = await askToLeave(own, asker.client);

  const rejected = await care.client.approvals.reject.mutate({ approvalId, note: 'talk to them first' });
  const withdrawn = await asker.client.approvals.reject.mutate({ approvalId: ownId, note: 'a mistake' });

  expect(rejected).toMatchObject({
    state: 'rejected',
    note: 'talk to them first',
    decidedBy: { id: care.id, person: care.email },
  });
  expect(withdrawn.state).toBe('rejected');
  expect((await refusalOf(other.client.approvals.approve.mutate({ approvalId }))).state).toBe('rejected');
  expect(await phaseOf(tenant)).toBeNull();
  expect(await auditOf(world, tenant.id)).toEqual(
    expect.arrayContaining(['approval.requested', 'approval.rejected']),
  );
});

test('approvals are listed by state, newest first', async () => {
  const { items } = await clerk.client.approvals.list.query({ state: 'expired', limit: 100 });
  const stored = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.count(Approval, { state: 'expired' }),
  );

  expect(items.length).toBe(stored);
  expect(items.every(({ state }) => state === 'expired')).toBe(true);
});
