import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { User } from '../../db/entities/user.ts';
import { type RoleChange, settleRoles } from '../../db/groups/group-roles.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';

/**
 * Gives users the role that follows from what people gave them and from their groups. `PERMISSION_DENIED`, whoever
 * asks, where no active owner would be left by it.
 */
export async function applyRoles(scope: TenantScope, userIds: readonly string[]): Promise<RoleChange[]> {
  await scope.em.flush();
  const changes = await settleRoles(scope, userIds.toSorted());
  for (const { id, before, after } of changes) {
    await record(scope, 'user.updated', {
      target: { kind: 'user', id },
      details: { before: { role: before }, after: { role: after } },
    });
  }
  if (changes.some(({ before, active }) => before === 'owner' && active)) await requireAnOwner(scope);
  return changes;
}

/** Refuses a tenant without an active owner. Of two who take one away at once, the second sees the first. */
async function requireAnOwner(scope: TenantScope): Promise<void> {
  await lockTenant(scope);
  const owners = await scope.em.count(User, { tenantId: scope.tenant.id, role: 'owner', active: true });
  if (owners === 0) throw new Refusal('PERMISSION_DENIED', 'the last active owner of a tenant must stay');
}
