import { describe, expect, test } from 'vitest';
import { entitlements, limitReached, requireFeature } from '../../src/domain/plans/entitlements.ts';
import {
  currentVersion,
  downgradeRules,
  features,
  isUpgrade,
  limitNames,
  plans,
  requiredPlan,
  termsOf,
} from '../../src/domain/plans/catalogue.ts';
import { currencies, findPrice, intervals } from '../../src/domain/plans/prices.ts';
import { refusalOf, verdictOf } from './verdict.ts';

const MB = 1_000_000;
const GB = 1_000_000_000;
const unlimited = null;

/** Table 5.3 of the operations manual, row by row; "custom" is a large number here, and changed by hand. */
const table = [
  { row: 'users', free: 5, starter: 20, professional: 100, enterprise: unlimited },
  { row: 'projects', free: 10, starter: 50, professional: 200, enterprise: unlimited },
  { row: 'storageBytes', free: 100 * MB, starter: GB, professional: 10 * GB, enterprise: 1_000 * GB },
  { row: 'apiCalls', free: 100, starter: 500, professional: 2000, enterprise: 20_000 },
] as const;

describe.each(plans)('the %s plan', (plan) => {
  test.each(table)('has the manual’s limit of $row', (cells) => {
    expect(termsOf(plan).limits[cells.row]).toBe(cells[plan]);
    expect(entitlements({ plan, planVersion: currentVersion }).limits[cells.row]).toBe(cells[plan]);
  });

  test.each(features)('has %s only where it is enterprise', (feature) => {
    expect(termsOf(plan).features[feature]).toBe(plan === 'enterprise');
    expect(verdictOf(() => requireFeature({ plan, planVersion: currentVersion }, feature))).toBe(
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
  const refusal = refusalOf(() => requireFeature({ plan: 'starter', planVersion: currentVersion }, 'sso'));

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

test('a version that was bought stays as it was: without prices, and with what enterprise had then', () => {
  expect(termsOf('enterprise', 1).limits).toMatchObject({ storageBytes: 100 * GB, apiCalls: 10_000 });
  expect(plans.map((plan) => termsOf(plan, 1).prices)).toEqual([[], [], [], []]);
  expect(() => termsOf('free', currentVersion + 1)).toThrow('no version');
});

test('each plan that is sold by itself has a price in each currency for each interval', () => {
  for (const plan of ['starter', 'professional'] as const)
    for (const currency of currencies)
      for (const interval of intervals)
        expect(findPrice(termsOf(plan).prices, { currency, interval })?.amount).toBeGreaterThan(0);
  expect(findPrice(termsOf('enterprise').prices, { currency: 'eur', interval: 'month' })).toBeNull();
});

test('every limit says what becomes of it when the plan gets smaller', () => {
  expect(Object.keys(downgradeRules)).toEqual([...limitNames]);
});

test('an override stands in place of the plan’s, zero and unlimited included', () => {
  const overrides = { limits: { users: 0, projects: null }, features: { sso: true }, overage: null } as const;
  const tenant = {
    plan: 'free',
    planVersion: currentVersion,
    planOverrides: { ...overrides, expiresAt: null, note: 'agreed' },
  } as const;

  expect(entitlements(tenant).limits).toMatchObject({ users: 0, projects: null, apiCalls: 100 });
  expect(entitlements(tenant).features).toEqual({ sso: true, scim: false });
});

test('a limit that is reached says which, how much, and which plan would do', () => {
  const refusal = limitReached({ plan: 'free' }, { limit: 'users', allowed: 5, used: 5 });

  expect(refusal.data).toEqual({ limit: 'users', allowed: 5, used: 5, requiredPlan: 'starter' });
  expect(refusal.message).toContain('the starter plan would do');
  expect(
    limitReached({ plan: 'free' }, { limit: 'users', allowed: 5, used: 5 }, 96).data['requiredPlan'],
  ).toBe('enterprise');
});
