import { describe, expect, test } from 'vitest';
import { entitlements, requireFeature } from '../../src/domain/lifecycle/entitlements.ts';
import { features, isUpgrade, plans, requiredPlan, termsOf } from '../../src/domain/lifecycle/plans.ts';
import { refusalOf, verdictOf } from './verdict.ts';

const MB = 1_000_000;
const GB = 1_000_000_000;
const unlimited = null;

/** Table 5.3 of the operations manual, row by row; "custom" is a large number here, and changed by hand. */
const table = [
  { row: 'users', free: 5, starter: 20, professional: 100, enterprise: unlimited },
  { row: 'projects', free: 10, starter: 50, professional: 200, enterprise: unlimited },
  { row: 'storageBytes', free: 100 * MB, starter: GB, professional: 10 * GB, enterprise: 100 * GB },
  { row: 'apiCalls', free: 100, starter: 500, professional: 2000, enterprise: 10_000 },
] as const;

describe.each(plans)('the %s plan', (plan) => {
  test.each(table)('has the manual’s limit of $row', (cells) => {
    expect(termsOf(plan).limits[cells.row]).toBe(cells[plan]);
    expect(entitlements(plan).limits[cells.row]).toBe(cells[plan]);
  });

  test.each(features)('has %s only where it is enterprise', (feature) => {
    expect(termsOf(plan).features[feature]).toBe(plan === 'enterprise');
    expect(verdictOf(() => requireFeature(plan, feature))).toBe(
      plan === 'enterprise' ? 'passes' : 'PLAN_FEATURE_REQUIRED',
    );
  });

  test('limits and gates nothing that the manual does not name', () => {
    expect(Object.keys(termsOf(plan).limits)).toEqual(table.map(({ row }) => row));
    expect(Object.keys(termsOf(plan).features)).toEqual(['sso', 'scim']);
  });
});

test.each([
  ['free', null],
  ['starter', 99],
  ['professional', 99.5],
  ['enterprise', 99.9],
] as const)('the %s plan promises an availability of %s percent', (plan, slaPercent) => {
  expect(termsOf(plan).slaPercent).toBe(slaPercent);
});

test.each([
  ['free', null],
  ['starter', 14],
  ['professional', 14],
  ['enterprise', null],
] as const)('a trial of the %s plan takes %s days', (plan, trialDays) => {
  expect(termsOf(plan).trialDays).toBe(trialDays);
});

test('enterprise is the plan that a missing feature asks for', () => {
  const refusal = refusalOf(() => requireFeature('starter', 'sso'));

  expect(refusal.data).toEqual({ feature: 'sso', requiredPlan: 'enterprise' });
  expect(refusal.message).toBe('the starter plan does not include sso; enterprise does');
  expect(features.map(requiredPlan)).toEqual(['enterprise', 'enterprise']);
});

test('a larger plan is an upgrade, the same or a smaller one is none', () => {
  const upgrades = plans.map((from) => plans.map((to) => isUpgrade(from, to)));

  expect(upgrades).toEqual([
    [false, true, true, true],
    [false, false, true, true],
    [false, false, false, true],
    [false, false, false, false],
  ]);
});
