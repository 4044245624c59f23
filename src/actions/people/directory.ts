import { z } from 'zod';
import { tenantRoles } from '../../domain/actors.ts';
import type { PageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { User } from '../../db/entities/user.ts';
import { settleRoles } from '../../db/groups/group-roles.ts';
import { pageOf } from '../../db/pages.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeUser } from '../descriptions.ts';
import { lockUser } from '../locks.ts';
import { promiseDirectoryEvent } from '../webhooks/directory-events.ts';
import { deactivate, findUser, keepAnOwner, reactivate } from './users.ts';

export const userInput = z.object({ userId: z.uuid() });
export const setUserRoleInput = userInput.extend({ role: z.enum(tenantRoles) });

/** The tenant's people, newest first. */
export function listUsers(scope: TenantScope, page: PageInput) {
  authorize(scope.actor, scope.tenant, 'directory.read');
  const where = { tenantId: scope.tenant.id, removedAt: null };
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(User, { ...where, ...after }, newestFirst),
    describe: describeUser,
  });
}

/** One of the tenant's people. */
export async function getUser(scope: TenantScope, { userId }: z.infer<typeof userInput>) {
  authorize(scope.actor, scope.tenant, 'directory.read');
  return describeUser(await findUser(scope, userId));
}

/** Takes a person's access away: every session ends with this call. */
export async function deactivateUser(scope: TenantScope, { userId }: z.infer<typeof userInput>) {
  authorize(scope.actor, scope.tenant, 'directory.deactivate');
  const user = await lockUser(scope, userId);
  requireMayChange(scope, user);
  await deactivate(scope, user);
  return describeUser(user);
}

/** Gives a person's access back. */
export async function reactivateUser(scope: TenantScope, { userId }: z.infer<typeof userInput>) {
  authorize(scope.actor, scope.tenant, 'directory.write');
  const user = await lockUser(scope, userId);
  requireMayChange(scope, user);
  await reactivate(scope, user);
  return describeUser(user);
}

/**
 * Gives a person another role. What counts is the highest of it and of those of the person's groups. Only an owner makes
 * or unmakes an owner; the last one stays.
 */
export async function setUserRole(scope: TenantScope, { userId, role }: z.infer<typeof setUserRoleInput>) {
  authorize(scope.actor, scope.tenant, 'directory.write');
  const user = await lockUser(scope, userId);
  requireMayChange(scope, user);
  if (role === 'owner') requireOwner(scope);
  if (user.baseRole === role) return describeUser(user);
  const before = user.role;
  user.baseRole = role;
  user.updatedAt = scope.now;
  await scope.em.flush();
  const [change] = await settleRoles(scope, [userId]);
  if (change) await keepAnOwner(scope, user);
  await scope.em.refresh(user);
  await record(scope, 'user.updated', {
    target: { kind: 'user', id: user.id },
    details: { before: { role: before }, after: { role: user.role }, given: role },
  });
  await promiseDirectoryEvent(scope, 'user.updated', { userId: user.id, changed: ['role'] });
  return describeUser(user);
}

function requireMayChange(scope: TenantScope, user: User): void {
  if (user.role === 'owner') requireOwner(scope);
}

/** Refuses who is a tenant's person and no owner, with `PERMISSION_DENIED`. */
export function requireOwner({ actor }: TenantScope): void {
  if (actor.kind === 'user' && actor.role !== 'owner') {
    throw new Refusal('PERMISSION_DENIED', 'only an owner may do this to an owner');
  }
}
