import { expect, test } from 'vitest';
import { requestApproval } from '../../src/actions/operations/approvals.ts';
import { Notification } from '../../src/db/entities/notification.ts';
import type { Actor } from '../../src/domain/actors.ts';
import { anOperator } from '../api/people.ts';
import { auditOf } from '../api/answers.ts';
import { aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();

async function anActor(role: 'engineering' | 'customer_success'): Promise<Actor & { kind: 'operator' }> {
  const { id, email } = await anOperator(world, role);
  return { kind: 'operator', id, email, role };
}

const purgeOf = ({ id, slug }: { id: string; slug: string }) =>
  ({ tenantId: id, action: 'offboarding.purge', input: { tenantId: id, confirm: slug } }) as const;

test('the same request by the same person at once, 32 times, is one approval, told once', async () => {
  const [tenant, actor] = [await aTenant(world, { plan: 'free' }), await anActor('engineering')];
  const other = await anOperator(world, 'customer_success');

  const answers = await Promise.all(
    Array.from({ length: 32 }, () =>
      world.db.asControlPlane(world.entry(actor), (scope) => requestApproval(scope, purgeOf(tenant))),
    ),
  );

  expect(new Set(answers.map(({ approvalId }) => approvalId)).size).toBe(1);
  expect((await auditOf(world, tenant.id)).filter((action) => action === 'approval.requested')).toHaveLength(
    1,
  );
  const told = await world.inTenant(tenant.id, ({ em }) =>
    em.find(Notification, { mail: 'approval_requested' }),
  );
  const recipients = told.map(({ recipientId }) => recipientId);
  expect(recipients).toContain(other.id);
  expect(recipients).not.toContain(actor.id);
});
