import { type Feature, type Limits, type Plan, requiredPlan, termsOf } from './plans.ts';
import { Refusal } from '../refusal.ts';

/** Everything a tenant is entitled to by its plan. */
export function entitlements(plan: Plan): { limits: Limits; features: Record<Feature, boolean> } {
  const { limits, features } = termsOf(plan);
  return { limits, features };
}

/** Refuses with `PLAN_FEATURE_REQUIRED` and the plan that would do, unless the plan has the feature. */
export function requireFeature(plan: Plan, feature: Feature): void {
  if (entitlements(plan).features[feature]) return;
  const needed = requiredPlan(feature);
  throw new Refusal('PLAN_FEATURE_REQUIRED', `the ${plan} plan does not include ${feature}; ${needed} does`, {
    feature,
    requiredPlan: needed,
  });
}
