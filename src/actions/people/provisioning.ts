import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import {
  changedAttributes,
  hasSameAttributes,
  type UserAttributes,
  type UserRecord,
} from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import type { Found, Position, Question, Slice } from '../../db/directory/page-sql.ts';
import type { User } from '../../db/entities/user.ts';
import { isOutside } from '../../db/groups/group-access.ts';
import type { TenantScope } from '../../db/scope.ts';
import { countRecords, findRecords, lockRecord, readRecords } from '../../db/user-records.ts';
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
  const [found] = await readRecords(scope, [id]);
  return found ?? unknownUser();
}

/** Users who are asked for, in a stable order. */
export function listProvisionedUsers(
  scope: TenantScope,
  question: Question,
  slice: Slice,
): Promise<Found<UserRecord>> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  return findRecords(scope, question, slice);
}

/** How many users are asked for, behind a position if there is one. */
export function countProvisionedUsers(
  scope: TenantScope,
  question: Question,
  after: Position | null,
): Promise<number> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  return countRecords(scope, question, after);
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
