import { describe, expect, test } from 'vitest';
import {
  isLiving,
  type LivingStatus,
  nextStatus,
  strictestMode,
  tenantEvents,
  tenantStatuses,
  type TenantEvent,
  type TenantStatus,
} from '../../src/domain/lifecycle/status.ts';
import { refusalOf } from './verdict.ts';

const refused = null;

/** Every status × every event; a suspended tenant is one that was on trial before. */
const transitions: Record<TenantStatus, Record<TenantEvent, TenantStatus | null>> = {
  onboarding: {
    go_live: 'active',
    end_trial: refused,
    change_plan: refused,
    suspend: 'suspended',
    reinstate: refused,
  },
  trial: {
    go_live: refused,
    end_trial: 'active',
    change_plan: 'trial',
    suspend: 'suspended',
    reinstate: refused,
  },
  active: {
    go_live: refused,
    end_trial: refused,
    change_plan: 'active',
    suspend: 'suspended',
    reinstate: refused,
  },
  suspended: {
    go_live: refused,
    end_trial: refused,
    change_plan: 'suspended',
    suspend: 'suspended',
    reinstate: 'trial',
  },
  offboarded: {
    go_live: refused,
    end_trial: refused,
    change_plan: refused,
    suspend: refused,
    reinstate: refused,
  },
};

const cells = tenantStatuses.flatMap((status) =>
  tenantEvents.map((event) => ({ status, event, next: transitions[status][event] })),
);

function tenantIn(status: TenantStatus): { status: TenantStatus; statusBefore: LivingStatus | null } {
  return { status, statusBefore: status === 'suspended' ? 'trial' : null };
}

describe('a move of the lifecycle', () => {
  test.each(cells.filter(({ next }) => next !== refused))(
    'leads from $status by $event to $next',
    ({ status, event, next }) => {
      expect(nextStatus(tenantIn(status), event)).toBe(next);
    },
  );

  test.each(cells.filter(({ next }) => next === refused))(
    'does not exist from $status by $event, and the refusal names those that do',
    ({ status, event }) => {
      const refusal = refusalOf(() => nextStatus(tenantIn(status), event));

      const allowed = tenantEvents.filter((other) => transitions[status][other] !== refused);
      expect(refusal.reason).toBe('TRANSITION_NOT_ALLOWED');
      expect(refusal.message).toBe(`cannot ${event} a tenant that is ${status}`);
      expect(refusal.data).toMatchObject({ from: status, action: event });
      expect(new Set([refusal.data['allowed']].flat())).toEqual(new Set(allowed));
    },
  );
});

test.each(['onboarding', 'trial', 'active'] as const)(
  'reinstating leads back to %s, where the tenant was before',
  (statusBefore) => {
    expect(nextStatus({ status: 'suspended', statusBefore }, 'reinstate')).toBe(statusBefore);
  },
);

test.each([
  [[], null],
  [['read_only'], 'read_only'],
  [['blocked'], 'blocked'],
  [['read_only', 'read_only'], 'read_only'],
  [['read_only', 'blocked'], 'blocked'],
  [['blocked', 'read_only', 'read_only'], 'blocked'],
] as const)('of the open suspensions %j the strictest is %s', (modes, strictest) => {
  expect(strictestMode(modes)).toBe(strictest);
});

test('a suspended tenant can return to onboarding, trial and active, and to nothing else', () => {
  expect(tenantStatuses.filter(isLiving)).toEqual(['onboarding', 'trial', 'active']);
});
