import { expect, test } from 'vitest';
import type { TenantState } from '../../src/domain/access.ts';
import { accessTable, compareAccess, waysIn } from '../../src/domain/access-table.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';

const active: TenantState = { status: 'active', suspensionMode: null };
const states: Record<string, TenantState> = {
  onboarding: { status: 'onboarding', suspensionMode: null },
  trial: { status: 'trial', suspensionMode: null },
  active,
  read_only: { status: 'suspended', suspensionMode: 'read_only', statusBefore: 'active' },
  blocked: { status: 'suspended', suspensionMode: 'blocked', statusBefore: 'active' },
  offboarded: { status: 'offboarded', suspensionMode: null },
};

function closedIn(state: string, plan: Plan = 'enterprise'): string[] {
  const table = accessTable({ ...(states[state] ?? active), plan, planVersion: 2 });
  return waysIn.filter((way) => !table[way]);
}

test.each([
  ['onboarding', ['member_reads', 'member_writes']],
  ['trial', []],
  ['active', []],
  ['read_only', ['owner_writes', 'admin_writes', 'member_writes', 'scim_writes']],
  ['offboarded', [...waysIn]],
])('of the ways into a tenant that is %s these are closed: %j', (state, closed) => {
  expect(closedIn(state)).toEqual(closed);
});

test('into a blocked tenant its owner exports, its directory reads and deprovisions, operators write, and nobody else comes', () => {
  const open = waysIn.filter((way) => !closedIn('blocked').includes(way));

  expect(open).toEqual(['owner_exports', 'scim_reads', 'scim_deprovisions', 'operators_write']);
});

test('a plan without SCIM and single sign-on closes those ways, and no other', () => {
  expect(closedIn('active', 'professional')).toEqual([
    'scim_reads',
    'scim_writes',
    'scim_deprovisions',
    'sso_signs_in',
  ]);
});

test('two tables are compared in both directions', () => {
  const free = accessTable({ ...active, plan: 'free', planVersion: 2 });
  const enterprise = accessTable({ ...active, plan: 'enterprise', planVersion: 2 });

  expect(compareAccess(free, enterprise)).toEqual({ closed: [], opened: closedIn('active', 'free') });
  expect(compareAccess(enterprise, free)).toEqual({ closed: closedIn('active', 'free'), opened: [] });
  expect(compareAccess(free, free)).toEqual({ closed: [], opened: [] });
});
