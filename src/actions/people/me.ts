import { accessMode, requirePersonAccess } from '../../domain/access.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import type { UserActor } from '../../domain/actors.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant, describeUser } from '../descriptions.ts';
import { findUser } from './users.ts';

/** Who is signed in, to which tenant, and how far it lets its people go. */
export async function describeMe(scope: TenantScope & { actor: UserActor }) {
  const { actor, tenant } = scope;
  requirePersonAccess(tenant, actor.role, 'account');
  const user = await findUser(scope, actor.id);
  return {
    user: describeUser(user),
    tenant: describeTenant(tenant),
    status: tenant.status,
    plan: tenant.plan,
    accessMode: accessMode(tenant),
    ...entitlements(tenant),
    sessionId: actor.sessionId,
  };
}
