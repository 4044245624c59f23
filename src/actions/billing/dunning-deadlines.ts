import { planDunning } from '../../domain/billing/dunning.ts';
import { setDeadline } from '../../db/deadlines.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findAccount } from './billing-account.ts';

/** Sets again what the end of a tenant had cleared: the steps of its dunning that are still to come. */
export async function restoreDunningDeadlines(scope: TenantScope): Promise<void> {
  const account = await findAccount(scope);
  if (account?.paidUntil && account.paidUntil > scope.tenantNow)
    await setDeadline(scope, 'payment_due', account.paidUntil);
  if (!account?.dunningSince) return;
  for (const { kind, subject, dueAt } of planDunning(account.dunningSince, scope.ports.dunning))
    if (dueAt > scope.tenantNow) await setDeadline(scope, kind, dueAt, subject);
}
