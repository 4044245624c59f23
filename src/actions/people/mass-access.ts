import { recordMany } from '../../db/audit.ts';
import type { TenantScope } from '../../db/scope.ts';
import { watchLosses } from '../deprovisioning/mass-deprovisioning.ts';
import { release, reserve } from '../plans/reservation.ts';
import { liftOnceItFits } from '../suspension/expired-trial.ts';
import { promiseUserEvents } from '../webhooks/directory-events.ts';

/**
 * Takes access from many active users who have left the last group that it needs, as `deactivate` does from one: every
 * session and token ends in the same transaction. Whether an owner is left is for the caller to ask.
 */
export async function takeAccessOf(scope: TenantScope, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  const { em, tenant, now } = scope;
  const these = [tenant.id, userIds.join(' ')];
  await em.flush();
  await em.execute(
    `update users set active = false, deactivated_at = ?, deactivated_by = 'group', version = version + 1,
       updated_at = ? where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[])`,
    [now, now, ...these],
  );
  const ended = await em.execute<{ user_id: string }[]>(
    `update sessions set ended_at = ?, end_reason = 'user_deactivated'
     where tenant_id = ? and user_id = any(string_to_array(?, ' ')::uuid[]) and ended_at is null returning user_id`,
    [now, ...these],
  );
  await em.execute(
    `update user_tokens set used_at = ?
     where tenant_id = ? and user_id = any(string_to_array(?, ' ')::uuid[]) and used_at is null`,
    [now, ...these],
  );
  const targets = userIds.map((id) => ({ target: { kind: 'user', id } }));
  await recordMany(scope, 'user.deactivated', targets);
  if (ended.length > 0) {
    const details = { reason: 'user_deactivated', count: ended.length };
    await recordMany(scope, 'session.ended', [{ details }]);
  }
  await release(scope, 'users');
  await liftOnceItFits(scope);
  await watchLosses(scope);
  await promiseUserEvents(scope, 'user.deprovisioned', userIds, { removed: false });
}

/** Gives access back to many users, all of them or none: they take places. Sessions that ended stay ended. */
export async function giveAccessTo(scope: TenantScope, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  const { em, tenant, now } = scope;
  await em.flush();
  await reserve(scope, 'users', userIds.length);
  await em.execute(
    `update users set active = true, deactivated_at = null, deactivated_by = null, version = version + 1,
       updated_at = ? where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[])`,
    [now, tenant.id, userIds.join(' ')],
  );
  const targets = userIds.map((id) => ({ target: { kind: 'user', id } }));
  await recordMany(scope, 'user.reactivated', targets);
  await promiseUserEvents(scope, 'user.reactivated', userIds, {});
}
