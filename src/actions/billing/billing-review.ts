import { Task } from '../../db/entities/operations.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { openTask } from '../suspension/tasks.ts';

/** Has people look at a customer, and says why; it is asked for once until they have. */
export async function askForReview(scope: TenantScope, why: string): Promise<void> {
  const { em, tenant } = scope;
  const open = await em.count(Task, { tenantId: tenant.id, kind: 'billing_review', doneAt: null });
  if (open > 0) return;
  await announce(scope, 'billing_questioned', { details: { why }, note: why });
  await openTask(scope, 'billing_review', { priority: 'P1', subjectId: tenant.id });
}

/** A payment went back to the customer: billing sees it in the record; plan and access stay. */
export async function noteRefund(scope: TenantScope, charge: string | null): Promise<void> {
  await announce(scope, 'payment_refunded', { details: { charge }, note: 'a payment was refunded' });
}

/** A customer's bank disputes a payment: people look at it; plan and access stay. */
export async function noteDispute(scope: TenantScope, dispute: string | null): Promise<void> {
  await announce(scope, 'payment_disputed', { details: { dispute }, note: 'a payment was disputed' });
  await askForReview(scope, 'a payment was disputed at the bank');
}
