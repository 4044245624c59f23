import type { Plan } from '../../domain/plans/catalogue.ts';
import { type Entitled, entitlements } from '../../domain/plans/entitlements.ts';
import type { TenantScope } from '../../db/scope.ts';
import { type describeTerms, getCurrentPlan } from './current-plan.ts';
import { settingsAfter } from './plan-history.ts';

/** What a tenant is entitled to: plan and version, limits, features, and the settings that a plan declares. */
export type Terms = Awaited<ReturnType<typeof describeTerms>>;

/** What became of a wish for another plan. */
export type Outcome = {
  /** `requested`: operators decide; `payment_required`: it begins once it is paid for. */
  outcome: 'changed' | 'scheduled' | 'requested' | 'payment_required';
  wanted: Plan;
  /** In the tenant's own time; `null`: it depends on somebody. */
  effectiveAt: string | null;
  requestId?: string;
  /** The procedure by which it is paid for. */
  pay?: 'billing.checkout';
};

/** The answer to a wish for another plan: where the tenant stands, and what it had before and has after it. */
export async function describeOutcome(
  scope: TenantScope,
  outcome: Outcome,
  terms: Record<'before' | 'after', Terms>,
) {
  const { requestId = null, pay = null, ...told } = outcome;
  return { ...(await getCurrentPlan(scope)), ...told, requestId, pay, ...terms };
}

/** What the tenant would be entitled to. */
export function termsUnder({ tenant }: TenantScope, to: Entitled): Terms {
  const { plan, planVersion } = to;
  const { sessionDays } = settingsAfter(tenant, to);
  return { plan, planVersion, ...entitlements(to), settings: { sessionDays } };
}
