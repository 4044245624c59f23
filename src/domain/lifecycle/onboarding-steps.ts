/** The four phases of the enterprise onboarding checklist. */
export const onboardingPhases = ['pre_onboarding', 'provisioning', 'validation', 'handoff'] as const;
export type OnboardingPhase = (typeof onboardingPhases)[number];

type StepOwner = 'sales' | 'legal' | 'engineering' | 'customer_success' | 'customer';

type Step = {
  phase: OnboardingPhase;
  owner: StepOwner;
  /** `system`: ticked by what has happened; `person`: ticked by a person with a note or evidence. */
  checkedBy: 'system' | 'person';
  title: string;
};

/** The enterprise onboarding checklist: the 19 lines of the operations manual's section 4.3, in its order. */
export const onboardingSteps = {
  contract_signed: { phase: 'pre_onboarding', owner: 'legal', checkedBy: 'person', title: 'Contract signed' },
  requirements_documented: {
    phase: 'pre_onboarding',
    owner: 'sales',
    checkedBy: 'person',
    title: 'Technical requirements documented',
  },
  sso_details_received: {
    phase: 'pre_onboarding',
    owner: 'customer',
    checkedBy: 'person',
    title: 'SSO details received (if applicable)',
  },
  user_list_received: {
    phase: 'pre_onboarding',
    owner: 'customer',
    checkedBy: 'person',
    title: 'User list received (if bulk provisioning)',
  },
  success_criteria_defined: {
    phase: 'pre_onboarding',
    owner: 'customer_success',
    checkedBy: 'person',
    title: 'Success criteria defined',
  },
  tenant_created: {
    phase: 'provisioning',
    owner: 'engineering',
    checkedBy: 'system',
    title: 'Tenant created in database',
  },
  plan_set: {
    phase: 'provisioning',
    owner: 'engineering',
    checkedBy: 'system',
    title: "Plan set to 'enterprise'",
  },
  settings_configured: {
    phase: 'provisioning',
    owner: 'engineering',
    checkedBy: 'system',
    title: 'Custom settings configured',
  },
  sso_configured: {
    phase: 'provisioning',
    owner: 'engineering',
    checkedBy: 'system',
    title: 'SSO configured (if applicable)',
  },
  admin_users_created: {
    phase: 'provisioning',
    owner: 'engineering',
    checkedBy: 'system',
    title: 'Admin users created',
  },
  rate_limits_adjusted: {
    phase: 'provisioning',
    owner: 'engineering',
    checkedBy: 'person',
    title: 'Rate limits adjusted (if needed)',
  },
  admin_can_sign_in: {
    phase: 'validation',
    owner: 'customer',
    checkedBy: 'system',
    title: 'Admin can log in',
  },
  sso_works: {
    phase: 'validation',
    owner: 'customer',
    checkedBy: 'system',
    title: 'SSO works (if configured)',
  },
  core_functionality_verified: {
    phase: 'validation',
    owner: 'customer_success',
    checkedBy: 'person',
    title: 'Core functionality verified',
  },
  integrations_tested: {
    phase: 'validation',
    owner: 'engineering',
    checkedBy: 'person',
    title: 'Integrations tested (if applicable)',
  },
  documentation_provided: {
    phase: 'handoff',
    owner: 'customer_success',
    checkedBy: 'person',
    title: 'Documentation provided',
  },
  support_contacts_shared: {
    phase: 'handoff',
    owner: 'customer_success',
    checkedBy: 'person',
    title: 'Support contacts shared',
  },
  training_scheduled: {
    phase: 'handoff',
    owner: 'customer_success',
    checkedBy: 'person',
    title: 'Training scheduled',
  },
  go_live_date_confirmed: {
    phase: 'handoff',
    owner: 'customer_success',
    checkedBy: 'person',
    title: 'Go-live date confirmed',
  },
} as const satisfies Record<string, Step>;

export type OnboardingStep = keyof typeof onboardingSteps;

/** The names of the steps, in the checklist's order. */
export const onboardingStepNames = Object.keys(onboardingSteps).filter(isOnboardingStep);

/** Whether a word names a step of the checklist. */
export function isOnboardingStep(name: string): name is OnboardingStep {
  return Object.hasOwn(onboardingSteps, name);
}

/** `open` stands in the way of going live; `waived` carries the reason in its note. */
export const onboardingStepStates = ['open', 'done', 'waived'] as const;
