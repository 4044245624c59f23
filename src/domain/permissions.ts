import {
  type Effect,
  requireOperatorAccess,
  requirePersonAccess,
  requireScimAccess,
  requireSsoAccess,
} from './access.ts';
import type { TenantState } from './access.ts';
import type { Actor, ActorKind, OperatorRole, TenantRole } from './actors.ts';
import type { Feature } from './plans/catalogue.ts';
import { type Entitled, requireFeature } from './plans/entitlements.ts';
import { Refusal } from './refusal.ts';

type Permission = {
  effect: Effect;
  operators: readonly OperatorRole[];
  tenant: readonly TenantRole[];
  machines?: readonly Exclude<ActorKind, 'operator' | 'user'>[];
  /** The plan must have it, whoever asks. */
  feature?: Feature;
  /** A tenant's person must have a verified e-mail. */
  verified?: true;
};

const everyOperator = ['customer_success', 'engineering', 'billing', 'read_only'] as const;
const careAndEngineering = ['customer_success', 'engineering'] as const;
const money = ['customer_success', 'engineering', 'billing'] as const;
const admins = ['owner', 'admin'] as const;
const everyone = ['owner', 'admin', 'member'] as const;
const nobody = [] as const;

/** Who may do what: actor × action, in one place. An action that is not written here does not exist. */
export const permissions = {
  'tenant.create': { effect: 'write', operators: careAndEngineering, tenant: nobody },
  'tenant.read': { effect: 'read', operators: everyOperator, tenant: everyone },
  'tenant.list': { effect: 'read', operators: everyOperator, tenant: nobody },
  'tenant.update': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'tenant.advance_clock': { effect: 'steer', operators: careAndEngineering, tenant: nobody },
  'tenant.timeline': { effect: 'read', operators: everyOperator, tenant: admins },
  'onboarding.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'onboarding.steer': { effect: 'write', operators: careAndEngineering, tenant: nobody },
  'plan.read': { effect: 'read', operators: everyOperator, tenant: everyone },
  'plan.change': { effect: 'steer', operators: money, tenant: ['owner'] },
  'plan.override': { effect: 'write', operators: money, tenant: nobody },
  'plan_request.decide': { effect: 'write', operators: money, tenant: nobody },
  'trial.give': { effect: 'steer', operators: money, tenant: nobody },
  'billing.read': { effect: 'account', operators: everyOperator, tenant: admins },
  'billing.pay': { effect: 'account', operators: nobody, tenant: ['owner'], verified: true },
  'billing.portal': { effect: 'account', operators: nobody, tenant: ['owner'] },
  'billing_event.read': { effect: 'read', operators: everyOperator, tenant: nobody },
  'billing_event.retry': { effect: 'steer', operators: money, tenant: nobody },
  'billing.record': { effect: 'write', operators: money, tenant: nobody },
  'suspension.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'suspension.steer': { effect: 'steer', operators: money, tenant: ['owner'] },
  'offboarding.read': { effect: 'account', operators: everyOperator, tenant: admins },
  'offboarding.steer': { effect: 'steer', operators: careAndEngineering, tenant: ['owner'] },
  'offboarding.execute': { effect: 'steer', operators: ['engineering'], tenant: nobody },
  'offboarding.purge': { effect: 'steer', operators: careAndEngineering, tenant: nobody },
  'legal_hold.steer': { effect: 'steer', operators: careAndEngineering, tenant: nobody },
  'task.read': { effect: 'read', operators: everyOperator, tenant: nobody },
  'task.complete': { effect: 'steer', operators: money, tenant: nobody },
  'customer.read': { effect: 'read', operators: everyOperator, tenant: nobody },
  'customer.write': { effect: 'steer', operators: money, tenant: nobody },
  'plan_policy.write': { effect: 'steer', operators: careAndEngineering, tenant: nobody },
  'deadline.read': { effect: 'read', operators: everyOperator, tenant: nobody },
  'deadline.pause': { effect: 'steer', operators: careAndEngineering, tenant: nobody },
  'webhook.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'webhook.write': { effect: 'write', operators: careAndEngineering, tenant: admins, verified: true },
  'approval.read': { effect: 'read', operators: everyOperator, tenant: nobody },
  'approval.decide': { effect: 'steer', operators: careAndEngineering, tenant: nobody },
  'notification.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'project.read': { effect: 'read', operators: everyOperator, tenant: everyone },
  'project.write': { effect: 'write', operators: careAndEngineering, tenant: everyone },
  'project.remove': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'file.read': { effect: 'read', operators: everyOperator, tenant: everyone },
  'file.write': { effect: 'write', operators: careAndEngineering, tenant: everyone },
  'file.remove': { effect: 'write', operators: careAndEngineering, tenant: everyone },
  'directory.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'directory.write': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'directory.restore': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'directory.deactivate': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'invitation.write': { effect: 'write', operators: careAndEngineering, tenant: admins, verified: true },
  // Taking access away waits for no invoice.
  'invitation.revoke': { effect: 'steer', operators: careAndEngineering, tenant: admins },
  'scim.read': { effect: 'read', operators: nobody, tenant: nobody, machines: ['scim'], feature: 'scim' },
  'scim.write': { effect: 'write', operators: nobody, tenant: nobody, machines: ['scim'], feature: 'scim' },
  'scim.deprovision': {
    effect: 'deprovision',
    operators: nobody,
    tenant: nobody,
    machines: ['scim'],
    feature: 'scim',
  },
  'connection.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'scim_token.create': {
    effect: 'write',
    operators: careAndEngineering,
    tenant: admins,
    feature: 'scim',
    verified: true,
  },
  'scim_token.revoke': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'sso_connection.write': {
    effect: 'write',
    operators: careAndEngineering,
    tenant: admins,
    feature: 'sso',
    verified: true,
  },
  'sso_connection.remove': { effect: 'write', operators: careAndEngineering, tenant: admins },
  'sso.sign_in': { effect: 'read', operators: nobody, tenant: nobody, machines: ['sso'], feature: 'sso' },
  'audit.read': { effect: 'read', operators: everyOperator, tenant: admins },
  'operator.read': { effect: 'read', operators: everyOperator, tenant: nobody },
  'operator.write': { effect: 'write', operators: ['engineering'], tenant: nobody },
  'operator.rotate_own_token': { effect: 'write', operators: everyOperator, tenant: nobody },
  'service_client.write': { effect: 'write', operators: ['engineering'], tenant: nobody },
} as const satisfies Record<string, Permission>;
export type Action = keyof typeof permissions;

const permissionOf: Record<Action, Permission> = permissions;

/**
 * Lets an actor do an action to a tenant, or refuses with the first reason that applies, in the order
 * status, permission, plan, verification.
 */
export function authorize(actor: Actor, tenant: TenantState & Entitled, action: Action): void {
  const permission = permissionOf[action];
  requireStatus(actor, tenant, permission.effect);
  requirePermission(actor, action);
  if (permission.feature) requireFeature(tenant, permission.feature);
  if (permission.verified && actor.kind === 'user' && !actor.emailVerified) {
    throw new Refusal('EMAIL_NOT_VERIFIED', 'verify your e-mail address first');
  }
}

/** Lets an operator do an action that concerns no single tenant, or refuses with `PERMISSION_DENIED`. */
export function requirePermission(actor: Actor, action: Action): void {
  const permission = permissionOf[action];
  if (actor.kind === 'system') return;
  if (actor.kind === 'operator' && mayOperate(actor.role, action)) return;
  if (actor.kind === 'user' && permission.tenant.includes(actor.role)) return;
  if (actor.kind !== 'operator' && actor.kind !== 'user' && permission.machines?.includes(actor.kind)) return;
  throw new Refusal('PERMISSION_DENIED', `${whoIs(actor)} may not do this (${action})`);
}

/** Whether operators of a role may do an action. */
export function mayOperate(role: OperatorRole, action: Action): boolean {
  return permissionOf[action].operators.includes(role);
}

function requireStatus(actor: Actor, tenant: TenantState, effect: Effect): void {
  if (actor.kind === 'operator') return requireOperatorAccess(tenant, effect);
  if (actor.kind === 'user') return requirePersonAccess(tenant, actor.role, effect);
  if (actor.kind === 'scim') return requireScimAccess(tenant, effect);
  if (actor.kind === 'sso') return requireSsoAccess(tenant);
}

function whoIs(actor: Actor): string {
  if (actor.kind === 'operator') return `an operator with the role ${actor.role}`;
  if (actor.kind === 'user') return `a tenant's ${actor.role}`;
  return `this caller (${actor.kind})`;
}
