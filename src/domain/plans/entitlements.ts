import { Refusal } from '../refusal.ts';
import {
  type Feature,
  type LimitName,
  type Limits,
  type Plan,
  planThatAllows,
  requiredPlan,
  termsOf,
} from './catalogue.ts';
import type { PlanOverrides } from './overrides.ts';

/** What a tenant bought, and what was agreed beside it. */
export type Entitled = {
  plan: Plan;
  planVersion: number;
  /** While they are there they are in effect: the deadline of their end takes them away. */
  planOverrides?: PlanOverrides | null;
};

export type Entitlements = { limits: Limits; features: Record<Feature, boolean> };

/** The one answer to what a tenant is entitled to: its plan, in the version it bought, with its overrides. */
export function entitlements({ plan, planVersion, planOverrides }: Entitled): Entitlements {
  const { limits, features } = termsOf(plan, planVersion);
  return {
    limits: { ...limits, ...planOverrides?.limits },
    features: { ...features, ...planOverrides?.features },
  };
}

/** Refuses with `PLAN_FEATURE_REQUIRED` and the plan that would do, unless the tenant has the feature. */
export function requireFeature(tenant: Entitled, feature: Feature): void {
  if (entitlements(tenant).features[feature]) return;
  const needed = requiredPlan(feature);
  throw new Refusal(
    'PLAN_FEATURE_REQUIRED',
    `the ${tenant.plan} plan does not include ${feature}; ${needed} does`,
    { feature, requiredPlan: needed },
  );
}

/** Why something that needs a feature stands idle: the plan is without it, or `null`. It works again when it is back. */
export function disabledBy(tenant: Entitled, feature: Feature): 'plan' | null {
  return entitlements(tenant).features[feature] ? null : 'plan';
}

/** Where a limit stands: what is allowed at most (`null`: unlimited), and what is used. */
export type Use = { limit: LimitName; allowed: number | null; used: number };

/** The refusal `PLAN_LIMIT_REACHED` of who wants `wanted` more than there is room for. */
export function limitReached({ plan }: Pick<Entitled, 'plan'>, use: Use, wanted = 1): Refusal {
  const { limit, allowed, used } = use;
  const required = planThatAllows(limit, used + wanted, plan);
  const way = required ? `; the ${required} plan would do` : '';
  return new Refusal(
    'PLAN_LIMIT_REACHED',
    `the ${plan} plan allows ${allowed} ${words[limit]}, and ${used} are used${way}`,
    { limit, allowed, used, requiredPlan: required },
  );
}

const words: Readonly<Record<LimitName, string>> = {
  users: 'users (open invitations count)',
  projects: 'projects',
  storageBytes: 'bytes of files',
  apiCalls: 'API calls in 15 minutes',
};
