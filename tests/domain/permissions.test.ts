import { describe, expect, test } from 'vitest';
import type { TenantState } from '../../src/domain/access.ts';
import { type Action, authorize, permissions, requirePermission } from '../../src/domain/permissions.ts';
import type { Entitled } from '../../src/domain/plans/entitlements.ts';
import { actorNamed, actorNames, type ActorName, aPerson, anOperator } from './people.ts';
import { refusalOf, verdictOf } from './verdict.ts';

/** Who may do what; whoever stands in no list may not. */
const mayDo: Record<Action, readonly ActorName[]> = {
  'tenant.create': ['customer_success', 'engineering'],
  'tenant.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin', 'member'],
  'tenant.list': ['customer_success', 'engineering', 'billing', 'read_only'],
  'tenant.update': ['customer_success', 'engineering', 'owner', 'admin'],
  'tenant.advance_clock': ['customer_success', 'engineering'],
  'tenant.timeline': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'onboarding.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'onboarding.steer': ['customer_success', 'engineering'],
  'plan.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin', 'member'],
  'plan.change': ['customer_success', 'engineering', 'billing', 'owner'],
  'plan.override': ['customer_success', 'engineering', 'billing'],
  'plan_request.decide': ['customer_success', 'engineering', 'billing'],
  'trial.give': ['customer_success', 'engineering', 'billing'],
  'suspension.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'suspension.steer': ['customer_success', 'engineering', 'billing', 'owner'],
  'offboarding.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'offboarding.steer': ['customer_success', 'engineering', 'owner'],
  'offboarding.execute': ['engineering'],
  'offboarding.purge': ['customer_success', 'engineering'],
  'legal_hold.steer': ['customer_success', 'engineering'],
  'task.read': ['customer_success', 'engineering', 'billing', 'read_only'],
  'task.complete': ['customer_success', 'engineering', 'billing'],
  'customer.read': ['customer_success', 'engineering', 'billing', 'read_only'],
  'customer.write': ['customer_success', 'engineering', 'billing'],
  'billing.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'billing.pay': ['owner'],
  'billing.portal': ['owner'],
  'billing_event.read': ['customer_success', 'engineering', 'billing', 'read_only'],
  'billing_event.retry': ['customer_success', 'engineering', 'billing'],
  'billing.record': ['customer_success', 'engineering', 'billing'],
  'plan_policy.write': ['customer_success', 'engineering'],
  'deadline.read': ['customer_success', 'engineering', 'billing', 'read_only'],
  'deadline.pause': ['customer_success', 'engineering'],
  'webhook.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'webhook.write': ['customer_success', 'engineering', 'owner', 'admin'],
  'approval.read': ['customer_success', 'engineering', 'billing', 'read_only'],
  'approval.decide': ['customer_success', 'engineering'],
  'notification.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'project.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin', 'member'],
  'project.write': ['customer_success', 'engineering', 'owner', 'admin', 'member'],
  'project.remove': ['customer_success', 'engineering', 'owner', 'admin'],
  'file.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin', 'member'],
  'file.write': ['customer_success', 'engineering', 'owner', 'admin', 'member'],
  'file.remove': ['customer_success', 'engineering', 'owner', 'admin', 'member'],
  'directory.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'directory.write': ['customer_success', 'engineering', 'owner', 'admin'],
  'directory.restore': ['customer_success', 'engineering', 'owner', 'admin'],
  'directory.deactivate': ['customer_success', 'engineering', 'owner', 'admin'],
  'invitation.write': ['customer_success', 'engineering', 'owner', 'admin'],
  'invitation.revoke': ['customer_success', 'engineering', 'owner', 'admin'],
  'scim.read': ['scim'],
  'scim.write': ['scim'],
  'scim.deprovision': ['scim'],
  'connection.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'scim_token.create': ['customer_success', 'engineering', 'owner', 'admin'],
  'scim_token.revoke': ['customer_success', 'engineering', 'owner', 'admin'],
  'sso_connection.write': ['customer_success', 'engineering', 'owner', 'admin'],
  'sso_connection.remove': ['customer_success', 'engineering', 'owner', 'admin'],
  'sso.sign_in': ['sso'],
  'audit.read': ['customer_success', 'engineering', 'billing', 'read_only', 'owner', 'admin'],
  'operator.read': ['customer_success', 'engineering', 'billing', 'read_only'],
  'operator.write': ['engineering'],
  'operator.rotate_own_token': ['customer_success', 'engineering', 'billing', 'read_only'],
  'service_client.write': ['engineering'],
};

const actions = Object.keys(permissions).filter((name): name is Action => Object.hasOwn(permissions, name));
type Tenant = TenantState & Entitled;
const active: Tenant = { status: 'active', suspensionMode: null, plan: 'enterprise', planVersion: 2 };

describe.each(actions)('%s', (action) => {
  test.each(actorNames.map((actor) => ({ actor, may: mayDo[action].includes(actor) })))(
    '$actor may: $may',
    ({ actor, may }) => {
      const verdict = may ? 'passes' : 'PERMISSION_DENIED';

      expect(verdictOf(() => authorize(actorNamed(actor), active, action))).toBe(verdict);
      expect(verdictOf(() => requirePermission(actorNamed(actor), action))).toBe(verdict);
    },
  );

  test('the system may', () => {
    expect(verdictOf(() => authorize(actorNamed('system'), active, action))).toBe('passes');
  });
});

/** Actions of which a plan must have the feature, whoever asks. */
const gated: Partial<Record<Action, 'sso' | 'scim'>> = {
  'scim.read': 'scim',
  'scim.write': 'scim',
  'scim.deprovision': 'scim',
  'scim_token.create': 'scim',
  'sso_connection.write': 'sso',
  'sso.sign_in': 'sso',
};

test.each(actions)('%s asks for a feature of the plan only where connections are used or made', (action) => {
  const feature = gated[action];
  const verdicts = (['free', 'starter', 'professional', 'enterprise'] as const).map((plan) =>
    verdictOf(() => authorize(actorNamed('system'), { ...active, plan }, action)),
  );

  const without = feature ? 'PLAN_FEATURE_REQUIRED' : 'passes';
  expect(verdicts).toEqual([without, without, without, 'passes']);
});

test.each(actions.filter((action) => mayDo[action].includes('owner')))(
  '%s waits for a verified e-mail only where somebody is invited, something connected or bought',
  (action) => {
    const waits = [
      'invitation.write',
      'scim_token.create',
      'sso_connection.write',
      'webhook.write',
      'billing.pay',
    ].includes(action);

    expect(verdictOf(() => authorize(aPerson('owner', false), active, action))).toBe(
      waits ? 'EMAIL_NOT_VERIFIED' : 'passes',
    );
  },
);

const blocked: Tenant = { status: 'suspended', suspensionMode: 'blocked', plan: 'free', planVersion: 2 };
const readOnly: Tenant = { status: 'suspended', suspensionMode: 'read_only', plan: 'free', planVersion: 2 };
const gone: Tenant = { status: 'offboarded', suspensionMode: null, plan: 'free', planVersion: 2 };
const free: Tenant = { ...active, plan: 'free', planVersion: 2 };

describe('of several reasons the first is said: status, permission, plan, verification', () => {
  test.each([
    ['member', gone, 'TENANT_OFFBOARDED'],
    ['member', blocked, 'TENANT_SUSPENDED'],
    ['member', readOnly, 'TENANT_READ_ONLY'],
    ['member', { ...free, status: 'onboarding' }, 'TENANT_ONBOARDING'],
    ['member', free, 'PERMISSION_DENIED'],
    ['owner', free, 'PLAN_FEATURE_REQUIRED'],
    ['owner', active, 'EMAIL_NOT_VERIFIED'],
  ] as const)('an unverified %s of %j who connects an identity provider meets %s', (role, tenant, reason) => {
    expect(verdictOf(() => authorize(aPerson(role, false), tenant, 'sso_connection.write'))).toBe(reason);
  });

  test.each([
    ['read_only', gone, 'TENANT_OFFBOARDED'],
    ['read_only', blocked, 'PERMISSION_DENIED'],
    ['engineering', blocked, 'PLAN_FEATURE_REQUIRED'],
    ['engineering', { ...blocked, plan: 'enterprise' }, 'passes'],
  ] as const)('an operator (%s) who connects one for %j meets %s', (role, tenant, verdict) => {
    expect(verdictOf(() => authorize(anOperator(role), tenant, 'sso_connection.write'))).toBe(verdict);
  });

  test.each([
    ['scim.write', gone, 'TENANT_OFFBOARDED'],
    ['scim.write', blocked, 'TENANT_SUSPENDED'],
    ['scim.deprovision', blocked, 'PLAN_FEATURE_REQUIRED'],
    ['scim.deprovision', { ...blocked, plan: 'enterprise' }, 'passes'],
    ['project.write', blocked, 'TENANT_SUSPENDED'],
    ['project.write', active, 'PERMISSION_DENIED'],
  ] as const)('a directory that asks for %s of %j meets %s', (action, tenant, verdict) => {
    expect(verdictOf(() => authorize(actorNamed('scim'), tenant, action))).toBe(verdict);
  });
});

test('a refusal says who may not do what', () => {
  const refusal = refusalOf(() => requirePermission(anOperator('billing'), 'project.write'));

  expect(refusal.message).toBe('an operator with the role billing may not do this (project.write)');
});
