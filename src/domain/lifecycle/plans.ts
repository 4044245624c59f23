/** The plans, from the smallest to the largest. */
export const plans = ['free', 'starter', 'professional', 'enterprise'] as const;
export type Plan = (typeof plans)[number];

export const features = ['sso', 'scim'] as const;
export type Feature = (typeof features)[number];

/** What a plan allows. `null` is unlimited, zero is a limit. */
export type Limits = {
  users: number | null;
  projects: number | null;
  /** Bytes of stored files; a megabyte is 1,000,000 bytes. */
  storageBytes: number | null;
  /** Calls in any 15 minutes. */
  apiCalls: number | null;
};

export type PlanTerms = {
  limits: Limits;
  features: Record<Feature, boolean>;
  /** Promised availability in percent of a month; `null` is none. */
  slaPercent: number | null;
  /** Length of a trial in days; `null`: this plan is not tried, but free or agreed by hand. */
  trialDays: number | null;
  /** Days between offboarding and purge. */
  retentionDays: number;
};

const MB = 1_000_000;
const GB = 1_000 * MB;

/** The catalogue, from the operations manual's table 5.3. */
const catalogue: Readonly<Record<Plan, PlanTerms>> = {
  free: {
    limits: { users: 5, projects: 10, storageBytes: 100 * MB, apiCalls: 100 },
    features: { sso: false, scim: false },
    slaPercent: null,
    trialDays: null,
    retentionDays: 30,
  },
  starter: {
    limits: { users: 20, projects: 50, storageBytes: GB, apiCalls: 500 },
    features: { sso: false, scim: false },
    slaPercent: 99,
    trialDays: 14,
    retentionDays: 30,
  },
  professional: {
    limits: { users: 100, projects: 200, storageBytes: 10 * GB, apiCalls: 2_000 },
    features: { sso: false, scim: false },
    slaPercent: 99.5,
    trialDays: 14,
    retentionDays: 30,
  },
  enterprise: {
    limits: { users: null, projects: null, storageBytes: 100 * GB, apiCalls: 10_000 },
    features: { sso: true, scim: true },
    slaPercent: 99.9,
    trialDays: null,
    retentionDays: 30,
  },
};

/** What a plan allows and promises. */
export function termsOf(plan: Plan): PlanTerms {
  return catalogue[plan];
}

/** The smallest plan that has a feature. */
export function requiredPlan(feature: Feature): Plan {
  return plans.find((plan) => catalogue[plan].features[feature]) ?? 'enterprise';
}

/** Whether `to` is a larger plan than `from`. */
export function isUpgrade(from: Plan, to: Plan): boolean {
  return plans.indexOf(to) > plans.indexOf(from);
}
