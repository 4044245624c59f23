import { expect, test } from 'vitest';
import {
  isOnboardingStep,
  onboardingPhases,
  onboardingStepNames,
  onboardingSteps,
} from '../../src/domain/lifecycle/onboarding-steps.ts';

/** Section 4.3 of the operations manual, line by line. */
const checklist = [
  ['pre_onboarding', 'Contract signed'],
  ['pre_onboarding', 'Technical requirements documented'],
  ['pre_onboarding', 'SSO details received (if applicable)'],
  ['pre_onboarding', 'User list received (if bulk provisioning)'],
  ['pre_onboarding', 'Success criteria defined'],
  ['provisioning', 'Tenant created in database'],
  ['provisioning', "Plan set to 'enterprise'"],
  ['provisioning', 'Custom settings configured'],
  ['provisioning', 'SSO configured (if applicable)'],
  ['provisioning', 'Admin users created'],
  ['provisioning', 'Rate limits adjusted (if needed)'],
  ['validation', 'Admin can log in'],
  ['validation', 'SSO works (if configured)'],
  ['validation', 'Core functionality verified'],
  ['validation', 'Integrations tested (if applicable)'],
  ['handoff', 'Documentation provided'],
  ['handoff', 'Support contacts shared'],
  ['handoff', 'Training scheduled'],
  ['handoff', 'Go-live date confirmed'],
] as const;

test('the checklist is the manual’s: 19 lines in its order and phases', () => {
  const steps = onboardingStepNames.map((name) => onboardingSteps[name]);

  expect(steps.map(({ phase, title }) => [phase, title])).toEqual(checklist);
  expect(steps).toHaveLength(19);
});

test('the phases follow one another in the manual’s order', () => {
  expect([...new Set(onboardingStepNames.map((name) => onboardingSteps[name].phase))]).toEqual(
    onboardingPhases,
  );
});

test('the system ticks what it can see, a person the rest', () => {
  const seen = onboardingStepNames.filter((name) => onboardingSteps[name].checkedBy === 'system');

  expect(seen).toEqual([
    'tenant_created',
    'plan_set',
    'settings_configured',
    'sso_configured',
    'admin_users_created',
    'admin_can_sign_in',
    'sso_works',
  ]);
});

test.each(onboardingStepNames)('%s is a step', (name) => {
  expect(isOnboardingStep(name)).toBe(true);
});

test.each(['', 'Contract signed', 'CONTRACT_SIGNED', 'toString', '__proto__', 'constructor'])(
  '%j is no step',
  (name) => {
    expect(isOnboardingStep(name)).toBe(false);
  },
);
