import { downgradeRules, type LimitName } from '../../domain/plans/catalogue.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findAccount } from '../billing/billing-account.ts';
import { readUsage } from '../plans/counting.ts';
import { exceededLimits } from '../plans/usage.ts';
import { findOpen, liftEnded } from './lifting.ts';

/** Of which limits a tenant uses more than its plan lets it go on with. */
export async function findMisfits(scope: TenantScope): Promise<LimitName[]> {
  const exceeded = exceededLimits(scope.tenant, await readUsage(scope));
  return exceeded.filter((limit) => downgradeRules[limit] === 'block');
}

/** Lifts the suspension that followed a trial once the tenant uses no more than its plan allows. */
export async function liftOnceItFits(scope: TenantScope): Promise<void> {
  if (scope.tenant.status !== 'suspended') return;
  const open = await findOpen(scope);
  if (!open.some(({ trigger }) => trigger === 'trial_expired')) return;
  // A subscription that is paused suspends for the same cause, whatever is used.
  if ((await findAccount(scope))?.subscriptionStatus === 'paused') return;
  if ((await findMisfits(scope)).length > 0) return;
  const system = { ...scope, actor: { kind: 'system' } } as const;
  await liftEnded(system, { trigger: 'trial_expired' }, 'what is used fits the plan again');
}
