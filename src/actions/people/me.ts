import { accessMode, requirePersonAccess } from '../../domain/access.ts';
import { entitlements, requireFeature } from '../../domain/plans/entitlements.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { UserRecord } from '../../domain/user-attributes.ts';
import type { UserActor } from '../../domain/actors.ts';
import type { TenantScope } from '../../db/scope.ts';
import { readRecords } from '../../db/user-records.ts';
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

/** Who is signed in, as the tenant's directory knows them; on plans that include it. */
export async function readOwnRecord(scope: TenantScope & { actor: UserActor }): Promise<UserRecord> {
  const { actor, tenant } = scope;
  requirePersonAccess(tenant, actor.role, 'read');
  requireFeature(tenant, 'scim');
  const [found] = await readRecords(scope, [actor.id]);
  if (!found) throw new Refusal('NOT_FOUND', 'no such user');
  return found;
}
