import { z } from 'zod';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import {
  findReplaced,
  lockTaken,
  type Taken,
  undoLosses,
  undoMembershipLosses,
} from '../../db/directory/sync-losses.ts';
import { lockShape } from '../../db/groups/group-roles.ts';
import type { TenantScope } from '../../db/scope.ts';
import { requireOwner } from '../people/directory.ts';
import { applyRoles } from '../people/group-effects.ts';
import { reserve } from '../plans/reservation.ts';
import { promiseDirectoryEvent, promiseMembershipEvents } from '../webhooks/directory-events.ts';
import { endAlarm } from './mass-deprovisioning.ts';

export const restoreSyncInput = z.object({
  /** From when on what the directory took is given back. */
  since: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});

/**
 * Brings back exactly those whom the directory has taken since a time, deactivated or removed, by a group too, with
 * their roles and the groups they were taken from; never who was deactivated by people. All or nobody:
 * `PLAN_LIMIT_REACHED` where there are too few places, `CONFLICT` (`userIds`) where somebody else has a name by now.
 * A second time it brings back nobody.
 */
export async function restoreSync(scope: TenantScope, { since }: z.infer<typeof restoreSyncInput>) {
  authorize(scope.actor, scope.tenant, 'directory.restore');
  await lockShape(scope, 'alone');
  const taken = await lockTaken(scope, since);
  const ids = taken.map(({ id }) => id);
  const deactivated = taken.filter((user) => user.deactivated);
  const counts = { people: ids.length, reactivated: deactivated.length };
  if (ids.length === 0) return { ...counts, memberships: 0 };
  if (taken.some(({ role }) => role === 'owner')) requireOwner(scope);
  await requireNames(scope, ids);
  if (deactivated.length > 0) await reserve(scope, 'users', deactivated.length);
  await undoLosses(scope, ids, since);
  const joined = await undoMembershipLosses(scope, ids, since);
  const memberships = joined.reduce((sum, { userIds }) => sum + userIds.length, 0);
  await tell(scope, taken, joined);
  await applyRoles(scope, ids);
  await record(scope, 'directory.sync_restored', {
    details: { since: since.toISOString(), ...counts, memberships },
  });
  await endAlarm(scope, `the sync since ${since.toISOString()} was undone`);
  return { ...counts, memberships };
}

async function requireNames(scope: TenantScope, ids: readonly string[]): Promise<void> {
  const replaced = await findReplaced(scope, ids);
  if (replaced.length === 0) return;
  throw new Refusal(
    'CONFLICT',
    `the userName or externalId of ${replaced.length} of them is taken by somebody else: nobody was brought back`,
    { userIds: replaced.slice(0, 100) },
  );
}

async function tell(
  scope: TenantScope,
  taken: readonly Taken[],
  joined: readonly { groupId: string; userIds: string[] }[],
): Promise<void> {
  for (const { id, deactivated, removed } of taken) {
    const facts = { target: { kind: 'user', id }, details: { bySync: true } };
    if (removed) await record(scope, 'user.restored', facts);
    if (deactivated) await record(scope, 'user.reactivated', facts);
    if (deactivated) await promiseDirectoryEvent(scope, 'user.reactivated', { userId: id });
  }
  for (const { groupId, userIds } of joined) {
    const target = { kind: 'group', id: groupId };
    await record(scope, 'group.updated', { target, details: { added: userIds.length, removed: 0 } });
    await promiseMembershipEvents(scope, 'membership.added', { groupId, userIds });
  }
}
