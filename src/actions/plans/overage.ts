import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { usersAdmitted } from '../../domain/plans/overage.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockAgainstWriters } from '../locks.ts';
import { tellAdmins } from '../notifications/notices.ts';

/**
 * Opens a tenant's soft overage when its users go above the limit, where one was agreed, and ends it when they are back.
 * The tenant is locked.
 */
export async function noteOverage(scope: TenantScope, users: number): Promise<void> {
  const { tenant } = scope;
  const allowed = entitlements(tenant).limits.users;
  const overage = tenant.planOverrides?.overage;
  const isAbove = allowed !== null && users > allowed;
  if (isAbove && overage) {
    if (!tenant.overLimitUntil) await open(scope, { allowed, users, days: overage.days });
  } else if (tenant.overLimitUntil) {
    await end(scope, users);
  }
}

/** Closes an overage whose days are over: nobody more is let in until the users are back at the limit. */
export async function closeOverage(scope: TenantScope): Promise<void> {
  const tenant = await lockAgainstWriters(scope);
  tenant.limitUsers = usersAdmitted(tenant, scope.tenantNow);
  await record(scope, 'overage.closed', {
    target: { kind: 'tenant', id: tenant.id },
    details: { allowed: tenant.limitUsers },
  });
}

async function open(
  scope: TenantScope,
  { allowed, users, days }: { allowed: number; users: number; days: number },
): Promise<void> {
  const { tenant } = scope;
  const until = daysAfter(scope.tenantNow, days);
  tenant.overLimitUntil = until;
  await setDeadline(scope, 'overage_end', until);
  const details = { allowed, users, until: until.toISOString() };
  await record(scope, 'overage.opened', { target: { kind: 'tenant', id: tenant.id }, details });
  await tellAdmins(scope, { mail: 'overage_started' }, until.toISOString());
}

async function end(scope: TenantScope, users: number): Promise<void> {
  const { tenant } = scope;
  tenant.overLimitUntil = null;
  tenant.limitUsers = usersAdmitted(tenant, scope.tenantNow);
  await clearDeadline(scope, 'overage_end');
  await record(scope, 'overage.ended', { target: { kind: 'tenant', id: tenant.id }, details: { users } });
}
