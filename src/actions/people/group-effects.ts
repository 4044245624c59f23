import { Refusal } from '../../domain/refusal.ts';
import { recordMany } from '../../db/audit.ts';
import { User } from '../../db/entities/user.ts';
import { findAccessChanges } from '../../db/groups/group-access.ts';
import {
  findUsersWithin,
  type Gifts,
  lockUsers,
  type RoleChange,
  settleRoles,
} from '../../db/groups/group-roles.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { promiseUserEvents } from '../webhooks/directory-events.ts';
import type { MemberChanges } from './group-members.ts';
import { giveAccessTo, takeAccessOf } from './mass-access.ts';

/** What a change of members gives and takes, where the group or one around it gives anything. */
export async function applyGifts(
  scope: TenantScope,
  gifts: Gifts,
  { users, groups }: MemberChanges,
): Promise<void> {
  if (!gifts.role && !gifts.access) return;
  const came = [...users.added, ...(await findUsersWithin(scope, groups.added))];
  const left = [...users.removed, ...(await findUsersWithin(scope, groups.removed))];
  if (gifts.role) await applyRoles(scope, [...new Set([...came, ...left])]);
  if (gifts.access) await applyAccess(scope, { came, left });
}

/**
 * Takes access from provisioned users who have left the last group it needs, and gives it back to those who have
 * returned to one, if it was taken so. Who has never been in such a group loses nothing.
 */
async function applyAccess(
  scope: TenantScope,
  { came, left }: { came: readonly string[]; left: readonly string[] },
): Promise<void> {
  await scope.em.flush();
  await lockUsers(scope, [...came, ...left]);
  const { outside, hasOwner } = await findAccessChanges(scope, left);
  await takeAccessOf(scope, outside);
  if (hasOwner) await requireAnOwner(scope);
  const { returned } = await findAccessChanges(scope, came);
  await giveAccessTo(scope, returned);
}

/**
 * Gives users the role that follows from what people gave them and from their groups. `PERMISSION_DENIED`, whoever
 * asks, where no active owner would be left by it.
 */
export async function applyRoles(scope: TenantScope, userIds: readonly string[]): Promise<RoleChange[]> {
  await scope.em.flush();
  const changes = await settleRoles(scope, userIds.toSorted());
  const facts = changes.map(({ id, before, after }) => ({
    target: { kind: 'user', id },
    details: { before: { role: before }, after: { role: after } },
  }));
  await recordMany(scope, 'user.updated', facts);
  const changed = changes.map(({ id }) => id);
  if (changed.length > 0) await promiseUserEvents(scope, 'user.updated', changed, { changed: ['role'] });
  if (changes.some(({ before, active }) => before === 'owner' && active)) await requireAnOwner(scope);
  return changes;
}

/** Refuses a tenant without an active owner. Of two who take one away at once, the second sees the first. */
async function requireAnOwner(scope: TenantScope): Promise<void> {
  await lockTenant(scope);
  const owners = await scope.em.count(User, { tenantId: scope.tenant.id, role: 'owner', active: true });
  if (owners === 0) throw new Refusal('PERMISSION_DENIED', 'the last active owner of a tenant must stay');
}
