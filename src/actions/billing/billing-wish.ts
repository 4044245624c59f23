import type { Wish } from '../../domain/billing/alignment.ts';
import { ScheduledPlanChange } from '../../db/entities/plans.ts';
import { later } from '../../db/jobs.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findAccount } from './billing-account.ts';

/** Promises that the provider will bill what was decided here. Harmless where no subscription pays for the plan. */
export async function promiseAlignment(scope: TenantScope, { takenBack = false } = {}): Promise<void> {
  const account = await findAccount(scope);
  if (!account?.subscriptionId || !account.plan) return;
  await later(scope, 'billing.align', { tenantId: scope.tenant.id, takenBack });
}

/** What was decided about a tenant, and its subscription; `null` where it has none. */
export async function readWish(
  scope: TenantScope,
): Promise<(Omit<Wish, 'takenBack'> & { subscriptionId: string }) | null> {
  const { em, tenant } = scope;
  const account = await findAccount(scope);
  if (!account?.subscriptionId || tenant.status === 'offboarded') return null;
  const scheduled = await em.findOne(ScheduledPlanChange, { tenantId: tenant.id });
  return { plan: tenant.plan, scheduled: scheduled?.plan ?? null, subscriptionId: account.subscriptionId };
}
