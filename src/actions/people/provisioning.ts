import type { UserCondition } from '../../domain/filter.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import {
  changedAttributes,
  hasSameAttributes,
  type UserAttributes,
  type UserRecord,
} from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import type { User } from '../../db/entities/user.ts';
import { isOutside } from '../../db/groups/group-access.ts';
import type { TenantScope } from '../../db/scope.ts';
import { countRecords, findRecords, lockRecord } from '../../db/user-records.ts';
import { promiseDirectoryEvent } from '../webhooks/directory-events.ts';
import { relinkUser } from './relinking.ts';
import { deactivate, insertUser, reactivate, removeUser, writeAttributes } from './users.ts';

/**
 * Creates a user for the tenant's directory, or links it again to the one whom it removed. `CONFLICT` when userName or
 * externalId are taken.
 */
export async function provisionUser(scope: TenantScope, attributes: UserAttributes): Promise<UserRecord> {
  authorize(scope.actor, scope.tenant, 'scim.write');
  const known = await relinkUser(scope, attributes);
  if (known) return readProvisionedUser(scope, known.id);
  const user = await insertUser(scope, { attributes, role: 'member', origin: 'scim', emailVerified: false });
  const { id, version, createdAt, updatedAt } = user;
  return { ...attributes, id, version, createdAt, updatedAt, groups: [] };
}

/** One user of the directory; `NOT_FOUND` after a removal. */
export async function readProvisionedUser(scope: TenantScope, id: string): Promise<UserRecord> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  const [found] = await findRecords(scope, [{ attribute: 'id', value: id }], { offset: 0, limit: 1 });
  return found ?? unknownUser();
}

/** Users for which all conditions hold, in a stable order, and how many there are in all. */
export async function listProvisionedUsers(
  scope: TenantScope,
  { conditions, offset, limit }: { conditions: readonly UserCondition[]; offset: number; limit: number },
): Promise<{ total: number; users: UserRecord[] }> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  const users = limit > 0 ? await findRecords(scope, conditions, { offset, limit }) : [];
  // A page that is not full tells the total without counting.
  const complete = limit > 0 && users.length < limit && (users.length > 0 || offset === 0);
  const total = complete ? offset + users.length : await countRecords(scope, conditions);
  return { total, users };
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
  const { user, current } = (await lockRecord(scope, id)) ?? unknownUser();
  const asked = change(current);
  // Its groups have the last word: it comes back with the first one that access needs.
  const isHeld = asked.active && user.deactivatedBy === 'group' && (await isOutside(scope, id));
  const next = isHeld ? { ...asked, active: false } : asked;
  const onlyActivity = hasSameAttributes({ ...current, active: next.active }, next);
  const onlyDeactivates = onlyActivity && !next.active;
  authorize(scope.actor, scope.tenant, onlyDeactivates ? 'scim.deprovision' : 'scim.write');
  if (hasSameAttributes(current, next)) return current;
  if (onlyActivity) await (next.active ? reactivate : deactivate)(scope, user);
  else await updateUser(scope, user, { current, next });
  await scope.em.flush();
  const { version, createdAt, updatedAt } = user;
  return { ...next, id, version, createdAt, updatedAt, groups: current.groups };
}

/**
 * Removes a user: every session ends, the directory does not know it any more, and nothing brings it back unasked.
 * `expect` looks at the user first, when nobody else can change it any more, and may refuse.
 */
export async function removeProvisionedUser(
  scope: TenantScope,
  id: string,
  expect: (current: UserRecord) => void,
): Promise<void> {
  authorize(scope.actor, scope.tenant, 'scim.deprovision');
  const { user, current } = (await lockRecord(scope, id)) ?? unknownUser();
  expect(current);
  await removeUser(scope, user);
}

type Change = { current: UserAttributes; next: UserAttributes };

async function updateUser(scope: TenantScope, user: User, change: Change): Promise<void> {
  const { userName, email, displayName } = user;
  await writeAttributes(scope, user, change);
  await record(scope, 'user.updated', {
    target: { kind: 'user', id: user.id },
    details: { version: user.version },
    personal: {
      subjectId: user.id,
      values: {
        before: { userName, email, displayName },
        after: { userName: user.userName, email: user.email, displayName: user.displayName },
      },
    },
  });
  const changed = changedAttributes(change.current, change.next).filter((name) => name !== 'active');
  await promiseDirectoryEvent(scope, 'user.updated', { userId: user.id, changed });
}

function unknownUser(): never {
  throw new Refusal('NOT_FOUND', 'no such user');
}
