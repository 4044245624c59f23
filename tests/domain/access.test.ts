import { expect, test } from 'vitest';
import {
  accessMode,
  type Effect,
  requireOperatorAccess,
  requirePersonAccess,
  requireScimAccess,
  requireSsoAccess,
  type TenantState,
} from '../../src/domain/access.ts';
import { tenantRoles } from '../../src/domain/actors.ts';
import { verdictOf } from './verdict.ts';

const states = {
  onboarding: { status: 'onboarding', suspensionMode: null },
  trial: { status: 'trial', suspensionMode: null },
  active: { status: 'active', suspensionMode: null },
  read_only: { status: 'suspended', suspensionMode: 'read_only' },
  blocked: { status: 'suspended', suspensionMode: 'blocked' },
  offboarded: { status: 'offboarded', suspensionMode: null },
} as const satisfies Record<string, TenantState>;
type State = keyof typeof states;

const stateNames = ['onboarding', 'trial', 'active', 'read_only', 'blocked', 'offboarded'] as const;
const effects = ['read', 'write', 'account', 'deprovision'] as const;

const passes = 'passes';
const onboarding = 'TENANT_ONBOARDING';
const suspended = 'TENANT_SUSPENDED';
const readOnly = 'TENANT_READ_ONLY';
const offboarded = 'TENANT_OFFBOARDED';

type Verdict = ReturnType<typeof verdictOf>;
type Row = readonly [read: Verdict, write: Verdict, account: Verdict, deprovision: Verdict];

const all = [passes, passes, passes, passes] as const;
const none = (reason: Verdict) => [reason, reason, reason, reason] as const;

/** What people may do: reads, writes, account matters (billing, export), and taking access away. */
const people: Record<State, Record<(typeof tenantRoles)[number], Row>> = {
  onboarding: { owner: all, admin: all, member: none(onboarding) },
  trial: { owner: all, admin: all, member: all },
  active: { owner: all, admin: all, member: all },
  read_only: {
    owner: [passes, readOnly, passes, readOnly],
    admin: [passes, readOnly, passes, readOnly],
    member: [passes, readOnly, passes, readOnly],
  },
  blocked: {
    owner: [suspended, suspended, passes, suspended],
    admin: none(suspended),
    member: none(suspended),
  },
  offboarded: { owner: none(offboarded), admin: none(offboarded), member: none(offboarded) },
};

const personCells = stateNames.flatMap((state) =>
  tenantRoles.flatMap((role) =>
    effects.map((effect, column) => ({ state, role, effect, verdict: people[state][role][column] })),
  ),
);

test.each(personCells)(
  '$state: a $role who asks to $effect meets $verdict',
  ({ state, role, effect, verdict }) => {
    expect(verdictOf(() => requirePersonAccess(states[state], role, effect))).toBe(verdict);
  },
);

const deprovisioningOnly = [passes, suspended, suspended, passes] as const;
const scim: Record<State, Row> = {
  onboarding: all,
  trial: all,
  active: all,
  read_only: deprovisioningOnly,
  blocked: deprovisioningOnly,
  offboarded: none(offboarded),
};

test.each(stateNames.flatMap((state) => cellsOf(state, scim[state])))(
  '$state: SCIM that asks to $effect meets $verdict',
  ({ state, effect, verdict }) => {
    expect(verdictOf(() => requireScimAccess(states[state], effect))).toBe(verdict);
  },
);

test.each([
  ['onboarding', passes],
  ['trial', passes],
  ['active', passes],
  ['read_only', passes],
  ['blocked', suspended],
  ['offboarded', offboarded],
] as const)('%s: single sign-on meets %s', (state, verdict) => {
  expect(verdictOf(() => requireSsoAccess(states[state]))).toBe(verdict);
});

const operators: Record<State, Row> = {
  onboarding: all,
  trial: all,
  active: all,
  read_only: all,
  blocked: all,
  offboarded: [passes, offboarded, passes, passes],
};

test.each(stateNames.flatMap((state) => cellsOf(state, operators[state])))(
  '$state: an operator who asks to $effect meets $verdict',
  ({ state, effect, verdict }) => {
    expect(verdictOf(() => requireOperatorAccess(states[state], effect))).toBe(verdict);
  },
);

test.each([
  ['onboarding', 'full'],
  ['trial', 'full'],
  ['active', 'full'],
  ['read_only', 'read_only'],
  ['blocked', 'blocked'],
  ['offboarded', 'none'],
] as const)('%s: the access mode is %s', (state, mode) => {
  expect(accessMode(states[state])).toBe(mode);
});

test('a suspended tenant of which no mode is known is blocked, not open', () => {
  expect(accessMode({ status: 'suspended', suspensionMode: null })).toBe('blocked');
});

function cellsOf(state: State, row: Row): { state: State; effect: Effect; verdict: Verdict | undefined }[] {
  return effects.map((effect, column) => ({ state, effect, verdict: row[column] }));
}
