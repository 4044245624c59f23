import type { Wish } from '../../domain/billing/alignment.ts';
import { hasEnded } from '../../domain/billing/subscription.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { ScheduledPlanChange } from '../../db/entities/plans.ts';
import { later } from '../../db/jobs.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findAccount } from './billing-account.ts';

/** Promises that the provider will bill what was decided here. Harmless where no subscription lives. */
export async function promiseAlignment(scope: TenantScope, { takenBack = false } = {}): Promise<void> {
  const account = await findAccount(scope);
  if (!account?.subscriptionId || hasEnded({ status: account.subscriptionStatus ?? '' })) return;
  await later(scope, 'billing.align', { tenantId: scope.tenant.id, takenBack });
}

/** What was decided about a tenant, and its subscription; `null` where it has none. */
export async function readWish(
  scope: TenantScope,
): Promise<(Omit<Wish, 'takenBack'> & { subscriptionId: string }) | null> {
  const { em, tenant } = scope;
  const account = await findAccount(scope);
  if (!account?.subscriptionId) return null;
  const scheduled = await em.findOne(ScheduledPlanChange, { tenantId: tenant.id });
  const leavesAt = await findEnd(scope);
  const { subscriptionId } = account;
  return { plan: tenant.plan, scheduled: scheduled?.plan ?? null, leavesAt, subscriptionId };
}

/** Whether the provider has not said yet that a tenant's subscription is over. Where billing is off nobody can say. */
export async function isBilledStill(scope: TenantScope): Promise<boolean> {
  const account = await findAccount(scope);
  if (!scope.ports.billing || !account?.subscriptionId) return false;
  return !hasEnded({ status: account.subscriptionStatus ?? '' });
}

/** When a tenant that is on notice ends, or has ended, in real time: a provider knows no other. */
async function findEnd({ em, tenant, now }: TenantScope): Promise<Date | null> {
  if (tenant.status === 'offboarded') return now;
  const offboarding = await em.findOne(Offboarding, { tenantId: tenant.id, phase: 'scheduled' });
  return offboarding && new Date(offboarding.effectiveAt.getTime() - tenant.clockOffsetSeconds * 1000);
}
