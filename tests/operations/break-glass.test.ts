import { expect, test } from 'vitest';
import { refusalOf, refusalsOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, openWorld } from '../support/world.ts';
import { aCast, approvalOf, asking, eventsOf, toldOf } from './asking.ts';

const world = await openWorld();
const { operator } = world;
const { askToLeave, onNotice, offboarded, onHold, getApproval } = asking(world);
const { other, care, clerk } = await aCast(world);
const aFree = () => aTenant(world, { plan: 'free' });
const reason = 'it is spamming right now';

test('in an emergency who asked runs it alone: loud in the audit, told to every other operator at once', async () => {
  const asker = await anOperator(world, 'customer_success');
  const tenant = await aFree();
  const approvalId = await askToLeave(tenant, asker.client);

  const { approval } = await asker.client.approvals.breakGlass.mutate({ approvalId, reason });

  expect(approval).toMatchObject({ state: 'approved', brokenGlass: true, note: reason, review: null });
  expect((await operator.offboarding.get.query({ tenantId: tenant.id })).phase).toBe('scheduled');
  const told = await toldOf(world, tenant.id, { mail: 'glass_broken', approvalId });
  expect(told).toEqual(expect.arrayContaining([other.id, care.id, clerk.id]));
  expect(told).not.toContain(asker.id);
  const [loud] = await eventsOf(world, tenant.id, 'approval.glass_broken');
  expect(loud).toMatchObject({ actorId: asker.id, details: { note: reason } });
  const [done] = await eventsOf(world, tenant.id, 'offboarding.scheduled');
  expect(done).toMatchObject({
    actorId: asker.id,
    details: { approval: { id: approvalId, approvedBy: asker.id, brokenGlass: true } },
  });
});

test('until another operator has reviewed it there is no second time, by whatever account', async () => {
  const asker = await anOperator(world, 'engineering');
  const [first, second] = [await aFree(), await aFree()];
  const approvalId = await askToLeave(first, asker.client);
  await asker.client.approvals.breakGlass.mutate({ approvalId, reason });
  const next = { approvalId: await askToLeave(second, asker.client), reason };
  const open = await operator.approvals.list.query({ unreviewed: true, limit: 100 });
  expect(open.items.map(({ id }) => id)).toContain(approvalId);

  expect(await refusalOf(asker.client.approvals.breakGlass.mutate(next))).toMatchObject({
    reason: 'PERMISSION_DENIED',
    approvalId,
  });
  const refusals = await refusalsOf([
    asker.client.approvals.review.mutate({ approvalId, note: 'fine by me' }),
    clerk.client.approvals.review.mutate({ approvalId, note: 'fine' }),
  ]);
  for (const refusal of refusals) expect(refusal.reason).toBe('PERMISSION_DENIED');

  const reviewed = await other.client.approvals.review.mutate({ approvalId, note: 'it was right' });

  expect(reviewed.review).toMatchObject({ by: other.email, note: 'it was right' });
  expect(await eventsOf(world, first.id, 'approval.reviewed')).toHaveLength(1);
  const again = await refusalOf(care.client.approvals.review.mutate({ approvalId, note: 'me too' }));
  expect(again.reason).toBe('CONFLICT');
  expect((await asker.client.approvals.breakGlass.mutate(next)).approval.state).toBe('approved');
});

test('of two emergencies of one person at the same moment one runs', async () => {
  const asker = await anOperator(world, 'engineering');
  const inputs = [
    { approvalId: await askToLeave(await aFree(), asker.client), reason },
    { approvalId: await askToLeave(await aFree(), asker.client), reason },
  ];

  const answers = await Promise.allSettled(
    inputs.map((input) => asker.client.approvals.breakGlass.mutate(input)),
  );

  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a purge and the release of a legal hold are never run alone', async () => {
  const [gone, held] = [await offboarded(), await onHold()];
  const asker = await anOperator(world, 'engineering');
  const { offboarding, approvals } = asker.client;
  const approvalIds = [
    await approvalOf(offboarding.purge.mutate({ tenantId: gone.id, confirm: gone.slug })),
    await approvalOf(offboarding.releaseHold.mutate({ tenantId: held.id, note: 'closed' })),
  ];

  for (const approvalId of approvalIds) {
    expect(await refusalOf(approvals.breakGlass.mutate({ approvalId, reason }))).toMatchObject({
      reason: 'PERMISSION_DENIED',
      message: 'this is never run by one person alone',
    });
    expect((await getApproval(approvalId)).state).toBe('pending');
  }
});

test('nobody breaks the glass for another, nor for an owner', async () => {
  const asker = await anOperator(world, 'engineering');
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const effectiveAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { trigger: 'customer_request', note: 'we move', effectiveAt } as const;
  const approvalIds = [
    await askToLeave(await aFree(), asker.client),
    await approvalOf(owner.client.offboarding.schedule.mutate(input)),
  ];

  for (const approvalId of approvalIds) {
    const refusals = await refusalsOf(
      [other.client, owner.client].map((client) =>
        client.approvals.breakGlass.mutate({ approvalId, reason }),
      ),
    );
    for (const refusal of refusals) expect(refusal.reason).toBe('PERMISSION_DENIED');
  }
});

test('an emergency that is refused has done nothing, and leaves nothing to review', async () => {
  const asker = await anOperator(world, 'engineering');
  const tenant = await onNotice();
  const input = { tenantId: tenant.id, confirm: tenant.slug };
  const approvalId = await approvalOf(asker.client.offboarding.execute.mutate(input));
  await operator.offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they stay' });

  const refusal = await refusalOf(asker.client.approvals.breakGlass.mutate({ approvalId, reason }));

  expect(refusal.reason).toBe('TRANSITION_NOT_ALLOWED');
  expect(await getApproval(approvalId)).toMatchObject({ state: 'failed', brokenGlass: false, note: reason });
  expect(await toldOf(world, tenant.id, { mail: 'glass_broken', approvalId })).toEqual([]);
  const next = { approvalId: await askToLeave(tenant, asker.client), reason };
  expect((await asker.client.approvals.breakGlass.mutate(next)).approval.brokenGlass).toBe(true);
});
