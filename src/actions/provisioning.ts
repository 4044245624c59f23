import type { UserCondition } from '../domain/filter.ts';
import { authorize } from '../domain/permissions.ts';
import { Refusal } from '../domain/refusal.ts';
import { hasSameAttributes, type UserAttributes, type UserRecord } from '../domain/user-attributes.ts';
import { record } from '../db/audit.ts';
import type { User } from '../db/entities/user.ts';
import type { TenantScope } from '../db/scope.ts';
import { countUsers, findUsers } from '../db/user-search.ts';
import { lockUser } from './locks.ts';
import { addUser, deactivate, findUser, readRecord, readRecords, writeAttributes } from './users.ts';

/** Creates a user for the tenant's directory. `CONFLICT` when userName or externalId are taken. */
export async function provisionUser(scope: TenantScope, attributes: UserAttributes): Promise<UserRecord> {
  authorize(scope.actor, scope.tenant, 'scim.write');
  const user = await addUser(scope, { attributes, role: 'member', origin: 'scim', emailVerified: false });
  const { id, version, createdAt, updatedAt } = user;
  return { ...attributes, id, version, createdAt, updatedAt };
}

/** One user of the directory; `NOT_FOUND` after a removal. */
export async function readProvisionedUser(scope: TenantScope, id: string): Promise<UserRecord> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  return readRecord(scope, await findUser(scope, id));
}

/** Users for which all conditions hold, in a stable order, and how many there are in all. */
export async function listProvisionedUsers(
  scope: TenantScope,
  { conditions, offset, limit }: { conditions: readonly UserCondition[]; offset: number; limit: number },
): Promise<{ total: number; users: UserRecord[] }> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  const users = limit > 0 ? await findUsers(scope, conditions, { offset, limit }) : [];
  // A page that is not full tells the total without counting.
  const complete = limit > 0 && users.length < limit && (users.length > 0 || offset === 0);
  const total = complete ? offset + users.length : await countUsers(scope, conditions);
  return { total, users: await readRecords(scope, users) };
}

/**
 * Changes a user to what `change` makes of it. Nothing is written, and no version moves, when that is the same.
 * A change that only deactivates is deprovisioning, which a suspended tenant's directory may do.
 */
export async function changeProvisionedUser(
  scope: TenantScope,
  id: string,
  change: (current: UserRecord) => UserAttributes,
): Promise<UserRecord> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  const user = await lockUser(scope, id);
  const current = await readRecord(scope, user);
  const next = change(current);
  const onlyDeactivates = !next.active && hasSameAttributes({ ...current, active: false }, next);
  authorize(scope.actor, scope.tenant, onlyDeactivates ? 'scim.deprovision' : 'scim.write');
  if (hasSameAttributes(current, next)) return current;
  if (onlyDeactivates) await deactivate(scope, user);
  else await updateUser(scope, user, next);
  await scope.em.flush();
  return readRecord(scope, user);
}

/** Removes a user: every session ends, the directory does not know it any more, and nothing brings it back unasked. */
export async function removeProvisionedUser(scope: TenantScope, id: string): Promise<void> {
  authorize(scope.actor, scope.tenant, 'scim.deprovision');
  const user = await lockUser(scope, id);
  await deactivate(scope, user);
  user.removedAt = scope.now;
  await record(scope, 'user.removed', { target: { kind: 'user', id } });
}

async function updateUser(scope: TenantScope, user: User, next: UserAttributes): Promise<void> {
  const before = {
    userName: user.userName,
    email: user.email ?? null,
    displayName: user.displayName ?? null,
  };
  await writeAttributes(scope, user, next);
  const after = { userName: user.userName, email: user.email ?? null, displayName: user.displayName ?? null };
  if (user.removedAt) throw new Refusal('NOT_FOUND', 'no such user');
  await record(scope, 'user.updated', {
    target: { kind: 'user', id: user.id },
    details: { version: user.version },
    personal: { subjectId: user.id, values: { before, after } },
  });
}
