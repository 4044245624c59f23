import { describe, expect, test } from 'vitest';
import { type OperatorRole, operatorRoles } from '../../src/domain/actors.ts';
import {
  type ApprovableAction,
  approvableActions,
  decidingRoles,
  isApprovable,
  isOverdue,
  isRaise,
} from '../../src/domain/approvals.ts';

const upwards: readonly OperatorRole[] = ['read_only', 'billing', 'customer_success', 'engineering'];

describe('a change of an operator’s role', () => {
  const changes = operatorRoles.flatMap((before) => operatorRoles.map((after) => ({ before, after })));

  test.each(changes)('from $before to $after raises only upwards', ({ before, after }) => {
    expect(isRaise(before, after)).toBe(upwards.indexOf(after) > upwards.indexOf(before));
  });
});

describe('an action that may need approval', () => {
  const terms: Record<ApprovableAction, { decide: OperatorRole[]; alone: boolean }> = {
    'offboarding.schedule': { decide: ['customer_success', 'engineering'], alone: true },
    'offboarding.execute': { decide: ['engineering'], alone: true },
    'offboarding.purge': { decide: ['customer_success', 'engineering'], alone: false },
    'offboarding.releaseHold': { decide: ['customer_success', 'engineering'], alone: false },
    'operators.setRole': { decide: ['engineering'], alone: true },
  };

  test.each(Object.keys(terms).filter(isApprovable))('%s is decided by who could do it', (action) => {
    expect(decidingRoles(action)).toEqual(terms[action].decide);
    expect(approvableActions[action].breakGlass).toBe(terms[action].alone);
  });

  test('is one of five', () => {
    expect(Object.keys(approvableActions)).toHaveLength(5);
    expect(isApprovable('tenants.create')).toBe(false);
    expect(isApprovable('toString')).toBe(false);
  });
});

test('an approval is overdue from its last moment on, while it is pending', () => {
  const expiresAt = new Date('2026-12-01T00:00:00Z');
  const before = new Date(expiresAt.getTime() - 1);

  expect(isOverdue({ state: 'pending', expiresAt }, before)).toBe(false);
  expect(isOverdue({ state: 'pending', expiresAt }, expiresAt)).toBe(true);
  expect(isOverdue({ state: 'approved', expiresAt }, expiresAt)).toBe(false);
});
