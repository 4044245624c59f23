import { describe, expect, test } from 'vitest';
import { offboardingPhases, type OffboardingPhase } from '../../src/domain/lifecycle/offboarding.ts';
import {
  isLiving,
  strictestMode,
  tenantStatuses,
  type TenantStatus,
} from '../../src/domain/lifecycle/status.ts';
import {
  allowedEvents,
  type LifecycleState,
  nextStatus,
  type TenantEvent,
  tenantEvents,
  transitions,
} from '../../src/domain/lifecycle/transitions.ts';
import { refusalOf } from './verdict.ts';

const refused = null;
type Next = TenantStatus | null;

/** Every status × every event of a tenant without an offboarding; a suspended one was on trial before. */
const unnoticed: Record<TenantStatus, Partial<Record<TenantEvent, Next>>> = {
  onboarding: { go_live: 'active', suspend: 'suspended', schedule_offboarding: 'onboarding' },
  trial: {
    extend_trial: 'trial',
    end_trial: 'active',
    change_plan: 'trial',
    suspend: 'suspended',
    schedule_offboarding: 'trial',
  },
  active: {
    start_trial: 'trial',
    change_plan: 'active',
    suspend: 'suspended',
    schedule_offboarding: 'active',
  },
  suspended: {
    extend_trial: 'suspended',
    change_plan: 'suspended',
    suspend: 'suspended',
    reinstate: 'trial',
    schedule_offboarding: 'suspended',
  },
  offboarded: {},
};

/** What an offboarding adds to or takes from what a tenant in a status may do. */
function withOffboarding({ status, phase, onHold }: LifecycleState): Partial<Record<TenantEvent, Next>> {
  const living = unnoticed[status];
  if (phase === null || phase === 'cancelled') return living;
  const { schedule_offboarding: _, start_trial: __, ...stays } = living;
  const toPurge = status === 'offboarded' && phase === 'executed' && !onHold;
  return {
    ...stays,
    ...(phase === 'scheduled' && status !== 'offboarded' ? { execute_offboarding: 'offboarded' } : {}),
    ...(phase === 'scheduled' || phase === 'executed'
      ? { cancel_offboarding: status === 'offboarded' ? 'trial' : status }
      : {}),
    ...(toPurge ? { claim_purge: 'offboarded' } : {}),
  };
}

const phases: (OffboardingPhase | null)[] = [
  null,
  ...offboardingPhases.filter((phase) => phase !== 'cancelled'),
];

const states: LifecycleState[] = tenantStatuses.flatMap((status) =>
  phases.flatMap((phase) =>
    [false, true].map((onHold) => ({
      status,
      statusBefore: status === 'suspended' ? ('trial' as const) : null,
      phase,
      onHold,
      statusBeforeOffboarding: status === 'offboarded' ? ('trial' as const) : null,
    })),
  ),
);

const cells = states.flatMap((state) =>
  tenantEvents.map((event) => ({
    event,
    state,
    next: withOffboarding(state)[event] ?? refused,
    what: `${state.status}, offboarding ${state.phase ?? 'none'}, ${state.onHold ? 'on hold' : 'no hold'}`,
  })),
);

describe('a move of the lifecycle', () => {
  test.each(cells.filter(({ next }) => next !== refused))(
    'leads from $what by $event to $next',
    ({ state, event, next }) => {
      expect(nextStatus(state, event)).toBe(next);
    },
  );

  test.each(cells.filter(({ next }) => next === refused))(
    'does not exist from $what by $event, and the refusal names those that do',
    ({ state, event }) => {
      const refusal = refusalOf(() => nextStatus(state, event));

      const allowed = tenantEvents.filter((other) => (withOffboarding(state)[other] ?? refused) !== refused);
      expect(refusal.reason).toBe('TRANSITION_NOT_ALLOWED');
      expect(refusal.message).toMatch(new RegExp(`^cannot ${event} this tenant: `));
      expect(refusal.data).toMatchObject({ from: state.status, action: event });
      expect(refusal.data['phase']).toBe(state.phase ?? undefined);
      expect(new Set([refusal.data['allowed']].flat())).toEqual(new Set(allowed));
      expect(allowedEvents(state)).toEqual(allowed);
    },
  );

  test.each(tenantEvents)('%s says who may, what is told of it and what else happens', (event) => {
    const { actor, announces, effects } = transitions[event];

    expect({ event, byTheSystemAlone: actor === null }).toEqual({
      event,
      byTheSystemAlone: event === 'end_trial',
    });
    expect(announces.length * effects.length).toBeGreaterThan(0);
  });
});

const none = { phase: null, onHold: false, statusBeforeOffboarding: null };

test.each(['onboarding', 'trial', 'active'] as const)(
  'reinstating leads back to %s, where the tenant was before',
  (statusBefore) => {
    expect(nextStatus({ ...none, status: 'suspended', statusBefore }, 'reinstate')).toBe(statusBefore);
  },
);

test.each(['onboarding', 'trial', 'active', 'suspended'] as const)(
  'taking an executed offboarding back leads to %s, where the tenant was before',
  (statusBeforeOffboarding) => {
    const state = { status: 'offboarded', statusBefore: null, phase: 'executed', onHold: true } as const;

    expect(nextStatus({ ...state, statusBeforeOffboarding }, 'cancel_offboarding')).toBe(
      statusBeforeOffboarding,
    );
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
