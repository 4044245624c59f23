import { expect, test } from 'vitest';
import { OperatorToken } from '../../src/db/entities/control.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, type TestOperator, theOwner } from '../api/people.ts';
import { sqlError } from '../support/connection.ts';
import { aTenant, openWorld } from '../support/world.ts';
import { approvalOf, asking } from './asking.ts';

const world = await openWorld();
const { operator } = world;
const { askToLeave, getApproval } = asking(world);

/** Changes an approval by SQL alone. */
function setByHand(approvalId: string, what: string): Promise<unknown> {
  return world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.execute(`update approvals set ${what} where id = ?`, [approvalId]),
  );
}

const notOwn = {
  reason: 'PERMISSION_DENIED',
  message: 'nobody approves what they asked for themselves',
};

/** One more token of the same operator. */
function anotherToken({ id }: TestOperator): Promise<string> {
  return world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em, ports, now }) => {
    const token = ports.tokens.create('op');
    em.create(OperatorToken, { hash: ports.tokens.hash(token), operator: id, createdAt: now });
    return token;
  });
}

test('nobody approves what they asked for, nor with a second token', async () => {
  const asker = await anOperator(world, 'engineering');
  const approvalId = await askToLeave(await aTenant(world, { plan: 'free' }), asker.client);
  const second = world.as(await anotherToken(asker));

  for (const client of [asker.client, second]) {
    expect(await refusalOf(client.approvals.approve.mutate({ approvalId }))).toMatchObject(notOwn);
  }

  expect((await getApproval(approvalId)).state).toBe('pending');
});

test('an operator who was made anew with the same address, in whatever case, is the same person', async () => {
  const asker = await anOperator(world, 'engineering');
  const approvalId = await askToLeave(await aTenant(world, { plan: 'free' }), asker.client);
  await operator.operators.revoke.mutate({ operatorId: asker.id });

  const email = asker.email.toUpperCase();
  const again = await operator.operators.create.mutate({ email, name: 'Again', role: 'engineering' });
  const refusal = await refusalOf(world.as(again.token).approvals.approve.mutate({ approvalId }));

  expect(refusal).toMatchObject(notOwn);
});

test('an owner who is an operator too does not approve what they asked as the owner', async () => {
  const tenant = await aTenant(world);
  const owner = await theOwner(world, tenant);
  const effectiveAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { trigger: 'customer_request', note: 'we move', effectiveAt } as const;
  const approvalId = await approvalOf(owner.client.offboarding.schedule.mutate(input));

  const account = { email: tenant.ownerEmail, name: 'Olive', role: 'engineering' } as const;
  const { token } = await operator.operators.create.mutate(account);
  const refusal = await refusalOf(world.as(token).approvals.approve.mutate({ approvalId }));

  expect(refusal).toMatchObject(notOwn);
});

test('the database itself keeps one person from approving alone, and from reviewing their own emergency', async () => {
  const asker = await anOperator(world, 'engineering');
  const approvalId = await askToLeave(await aTenant(world, { plan: 'free' }), asker.client);
  const set = (what: string) =>
    setByHand(approvalId, `decided_at = now(), decided_by_id = requested_by_id, ${what}`);

  await expect(set(`state = 'approved', decided_by_key = requested_by_key`)).rejects.toEqual(
    sqlError('23514'),
  );
  await expect(set(`state = 'approved'`)).rejects.toEqual(sqlError('23514'));
  await expect(
    set(
      `state = 'approved', decided_by_key = requested_by_key, broken_glass = true, reviewed_by_key = requested_by_key`,
    ),
  ).rejects.toEqual(sqlError('23514'));

  expect((await getApproval(approvalId)).state).toBe('pending');
});

test('an approval of which a single letter was changed is worth nothing', async () => {
  const asker = await anOperator(world, 'engineering');
  const tenant = await aTenant(world, { plan: 'free' });
  const approvalId = await askToLeave(tenant, asker.client);
  await setByHand(approvalId, `input = jsonb_set(input, '{note}', '"spam was Sent"')`);

  const refusal = await refusalOf(operator.approvals.approve.mutate({ approvalId }));

  expect(refusal).toMatchObject({
    reason: 'CONFLICT',
    message: 'this approval is not what was asked for any more',
  });
  expect((await operator.tenants.get.query({ tenantId: tenant.id })).status).toBe('active');
});
