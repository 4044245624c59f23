import type { TenantSettings } from '../lifecycle/settings.ts';
import { type Price, prices } from './prices.ts';

/** The plans, from the smallest to the largest. */
export const plans = ['free', 'starter', 'professional', 'enterprise'] as const;
export type Plan = (typeof plans)[number];

export const features = ['sso', 'scim'] as const;
export type Feature = (typeof features)[number];

export const limitNames = ['users', 'projects', 'storageBytes', 'apiCalls'] as const;
export type LimitName = (typeof limitNames)[number];

/**
 * What a plan allows; `null` is unlimited, zero is a limit. `users` are active people and open invitations,
 * `storageBytes` bytes of stored files (a megabyte is 1,000,000 bytes), `apiCalls` calls in any 15 minutes.
 */
export type Limits = Record<LimitName, number | null>;

/**
 * What becomes of a smaller limit that is not met: `block` refuses the change until it fits, `grace` lets it pass and
 * allows no new writes while more is used, `none` asks nothing (what is counted is over by itself). Nothing is deleted.
 */
export type DowngradeRule = 'block' | 'grace' | 'none';

/** How each limit is treated when a plan gets smaller. A limit without a rule does not compile. */
export const downgradeRules: Readonly<Record<LimitName, DowngradeRule>> = {
  users: 'block',
  projects: 'block',
  storageBytes: 'grace',
  apiCalls: 'none',
};

/** Settings that a plan declares: applied when a tenant comes to it, unless the tenant has chosen its own. */
export type PlanSettings = Pick<TenantSettings, 'sessionDays'>;

export type PlanTerms = {
  limits: Limits;
  /** Which limits are agreed with each customer: go-live asks to confirm their defaults. */
  custom: readonly LimitName[];
  features: Record<Feature, boolean>;
  /** Promised availability in percent of a month; `null` is none. */
  slaPercent: number | null;
  /** Length of a trial in days; `null`: this plan is not tried by oneself, but free or agreed by hand. */
  trialDays: number | null;
  /** Days between offboarding and purge. */
  retentionDays: number;
  settings: PlanSettings;
  /** Empty: the plan is free, or its price is agreed by contract. */
  prices: readonly Price[];
};

const MB = 1_000_000;
const GB = 1_000 * MB;

type Version = Readonly<Record<Plan, PlanTerms>>;

const basic = {
  custom: [],
  features: { sso: false, scim: false },
  retentionDays: 30,
  settings: { sessionDays: 30 },
  prices: [],
} as const;

/** The operations manual's table 5.3, before there were prices. */
const first: Version = {
  free: {
    ...basic,
    limits: { users: 5, projects: 10, storageBytes: 100 * MB, apiCalls: 100 },
    slaPercent: null,
    trialDays: null,
  },
  starter: {
    ...basic,
    limits: { users: 20, projects: 50, storageBytes: GB, apiCalls: 500 },
    slaPercent: 99,
    trialDays: 14,
  },
  professional: {
    ...basic,
    limits: { users: 100, projects: 200, storageBytes: 10 * GB, apiCalls: 2_000 },
    slaPercent: 99.5,
    trialDays: 14,
  },
  enterprise: {
    ...basic,
    limits: { users: null, projects: null, storageBytes: 100 * GB, apiCalls: 10_000 },
    custom: ['storageBytes', 'apiCalls'],
    features: { sso: true, scim: true },
    slaPercent: 99.9,
    trialDays: null,
  },
};

/** With prices, more for enterprise, and shorter sessions there. */
const second: Version = {
  free: first.free,
  starter: { ...first.starter, prices: prices.starter },
  professional: { ...first.professional, prices: prices.professional },
  enterprise: {
    ...first.enterprise,
    limits: { users: null, projects: null, storageBytes: 1_000 * GB, apiCalls: 20_000 },
    settings: { sessionDays: 7 },
  },
};

/** Every version that was ever sold, oldest first. A tenant keeps the one it bought; a released one never changes. */
const versions: readonly Version[] = [first, second];

/** What is sold now; counted from 1. */
export const currentVersion = versions.length;

/** What a plan allows and promises, in the version that was bought. */
export function termsOf(plan: Plan, version: number = currentVersion): PlanTerms {
  const terms = versions[version - 1]?.[plan];
  if (!terms) throw new Error(`there is no version ${version} of the ${plan} plan`);
  return terms;
}

/** The smallest plan that has a feature. */
export function requiredPlan(feature: Feature): Plan {
  return plans.find((plan) => termsOf(plan).features[feature]) ?? 'enterprise';
}

/** The smallest plan larger than `from` that allows as many; `null`: none does. */
export function planThatAllows(limit: LimitName, amount: number, from: Plan): Plan | null {
  const larger = plans.slice(plans.indexOf(from) + 1);
  return larger.find((plan) => (termsOf(plan).limits[limit] ?? Infinity) >= amount) ?? null;
}

/** Whether `to` is a larger plan than `from`. */
export function isUpgrade(from: Plan, to: Plan): boolean {
  return plans.indexOf(to) > plans.indexOf(from);
}
