import type { Action } from '../permissions.ts';
import { Refusal } from '../refusal.ts';
import type { Announcement } from './announcements.ts';
import type { OffboardingPhase } from './offboarding.ts';
import type { LivingStatus, TenantStatus } from './status.ts';

/** What can happen to a tenant. */
export const tenantEvents = [
  'go_live',
  'start_trial',
  'extend_trial',
  'end_trial',
  'change_plan',
  'suspend',
  'reinstate',
  'schedule_offboarding',
  'cancel_offboarding',
  'execute_offboarding',
  'claim_purge',
] as const;
export type TenantEvent = (typeof tenantEvents)[number];

/** What decides whether something may happen to a tenant now. */
export type LifecycleState = {
  status: TenantStatus;
  /** Of a suspended tenant: what it is underneath. */
  statusBefore: LivingStatus | null;
  /** Of its offboarding, where it has one that has not been cancelled. */
  phase: OffboardingPhase | null;
  onHold: boolean;
  /** What an executed offboarding would be taken back to. */
  statusBeforeOffboarding: TenantStatus | null;
};

/** Where an event leads: a status, the same, or the one before. */
type Move = TenantStatus | 'same' | 'before_suspension' | 'before_offboarding';

export type Transition = {
  moves: Partial<Record<TenantStatus, Move>>;
  /** What must hold beside the status. */
  guard: { holds: (state: LifecycleState) => boolean; or: string } | null;
  /** Who: the row of the permission table; `null` is the system alone. */
  actor: Action | null;
  /** What is told of it: in the audit trail, the customer record, by mail, to endpoints. */
  announces: Announcement;
  /** What else happens in the same transaction, in words; the action does it. */
  effects: readonly string[];
};

const unnoticed = {
  holds: ({ phase }: LifecycleState) => phase === null,
  or: 'it is being offboarded already',
};
const onNotice = { holds: ({ phase }: LifecycleState) => phase === 'scheduled', or: 'it is not on notice' };

/** Every move a tenant may make, each one transaction. A move that is not written here does not exist. */
export const transitions: Readonly<Record<TenantEvent, Transition>> = {
  go_live: {
    moves: { onboarding: 'active' },
    guard: null,
    actor: 'onboarding.steer',
    announces: 'went_live',
    effects: ['refused while a step of the checklist is open'],
  },
  start_trial: {
    moves: { active: 'trial' },
    guard: unnoticed,
    actor: 'trial.give',
    announces: 'trial_started',
    effects: ['deadlines: its end, a webhook 3 days before, mails 7 days and 1 day before'],
  },
  extend_trial: {
    moves: { trial: 'same', suspended: 'same' },
    guard: {
      holds: ({ status, statusBefore }) => status === 'trial' || statusBefore === 'trial',
      or: 'it has no trial',
    },
    actor: 'trial.give',
    announces: 'trial_extended',
    effects: ['its deadlines move'],
  },
  end_trial: {
    moves: { trial: 'active' },
    guard: null,
    actor: null,
    announces: 'trial_ended',
    effects: [
      'the plan becomes the one paid for, or the one before, or free',
      'read-only where it does not fit',
    ],
  },
  change_plan: {
    moves: { trial: 'same', active: 'same', suspended: 'same' },
    guard: null,
    actor: 'plan.change',
    announces: 'plan_changed',
    effects: ['a suspension for trial_expired ends'],
  },
  suspend: {
    moves: { onboarding: 'suspended', trial: 'suspended', active: 'suspended', suspended: 'suspended' },
    guard: null,
    actor: 'suspension.steer',
    announces: 'suspended',
    effects: ['the strictest cause rules', 'blocked ends every session', 'a trial stands still'],
  },
  reinstate: {
    moves: { suspended: 'before_suspension' },
    guard: null,
    actor: 'suspension.steer',
    announces: 'reinstated',
    effects: ['the status before returns when no cause is left', 'a trial goes on'],
  },
  schedule_offboarding: {
    moves: { onboarding: 'same', trial: 'same', active: 'same', suspended: 'same' },
    guard: unnoticed,
    actor: 'offboarding.steer',
    announces: 'offboarding_scheduled',
    effects: ['deadlines: execution, and notices 7 days and 1 day before'],
  },
  cancel_offboarding: {
    moves: {
      onboarding: 'same',
      trial: 'same',
      active: 'same',
      suspended: 'same',
      offboarded: 'before_offboarding',
    },
    guard: {
      holds: ({ phase }) => phase === 'scheduled' || phase === 'executed',
      or: 'it has no offboarding that can be taken back',
    },
    actor: 'offboarding.steer',
    announces: 'offboarding_cancelled',
    effects: ['its deadlines end', 'what the end took away (sessions, tokens, connections) stays away'],
  },
  execute_offboarding: {
    moves: {
      onboarding: 'offboarded',
      trial: 'offboarded',
      active: 'offboarded',
      suspended: 'offboarded',
    },
    guard: onNotice,
    actor: 'offboarding.execute',
    announces: 'offboarded',
    effects: [
      'sessions, SCIM tokens, SSO connections, invitations and one-time tokens end',
      'deadline: purge, after the retention',
      'the closing checklist opens',
    ],
  },
  claim_purge: {
    moves: { offboarded: 'same' },
    guard: {
      holds: ({ phase, onHold }) => phase === 'executed' && !onHold,
      or: 'it is under a legal hold, or being purged already',
    },
    actor: 'offboarding.purge',
    announces: 'purge_claimed',
    effects: ['a tombstone is set', 'nothing of the tenant is written any more'],
  },
};

/** What may happen to a tenant now. */
export function allowedEvents(state: LifecycleState): TenantEvent[] {
  return tenantEvents.filter((event) => {
    const { moves, guard } = transitions[event];
    return moves[state.status] !== undefined && (guard?.holds(state) ?? true);
  });
}

/** Tells where `event` leads; `TRANSITION_NOT_ALLOWED` names what is allowed instead. */
export function nextStatus(state: LifecycleState, event: TenantEvent): TenantStatus {
  const { moves, guard } = transitions[event];
  const move = moves[state.status];
  if (move && guard && !guard.holds(state)) throw notAllowed(state, event, guard.or);
  if (move === 'same') return state.status;
  if (move === 'before_suspension' && state.statusBefore) return state.statusBefore;
  if (move === 'before_offboarding') return state.statusBeforeOffboarding ?? state.status;
  if (move && move !== 'before_suspension') return move;
  throw notAllowed(state, event, `it is ${state.status}`);
}

function notAllowed(state: LifecycleState, event: TenantEvent, because: string): Refusal {
  return new Refusal('TRANSITION_NOT_ALLOWED', `cannot ${event} this tenant: ${because}`, {
    from: state.status,
    action: event,
    allowed: allowedEvents(state),
    ...(state.phase ? { phase: state.phase } : {}),
  });
}
