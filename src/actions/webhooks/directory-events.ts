import { type DirectoryEventType, eventIdLimit } from '../../domain/webhooks.ts';
import { newId } from '../../db/ids.ts';
import { joinsNext } from '../../db/round-trips/joined-statements.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';

/**
 * Promises an event of the tenant's people or groups to its own endpoints that listen, in this transaction and in the
 * order in which they happened: the tenant is locked before the first is written, and not where none listens. It costs
 * no round trip, since it goes with the next statement. Of one event the ids differ in their last byte, which is the
 * number of the endpoint. `details` hold ids, nothing personal.
 */
export async function promiseDirectoryEvent(
  scope: TenantScope,
  type: DirectoryEventType,
  details: Record<string, unknown>,
): Promise<void> {
  const { em, tenant, now, watch } = scope;
  watch?.webhooks.push({ type, endpoints: await countListening(scope, type) });
  const payload = JSON.stringify({ tenant: describeTenant(tenant), details });
  await em.execute(
    `${joinsNext} with listening as (
       select id, row_number() over (order by id) as number from webhook_endpoints where ${listens}
     ), locked as (
       select id from tenants where id = ? and purge_claimed_at is null and exists (select from listening)
       for no key update
     )
     insert into webhook_deliveries (tenant_id, id, endpoint_owner_id, endpoint_id, event_id, event_type, payload,
       created_at, next_attempt_at)
     select locked.id, (left(?, -2) || lpad(to_hex(number), 2, '0'))::uuid, locked.id, listening.id, ?, ?, ?, ?, ?
     from locked, listening order by number`,
    [tenant.id, type, tenant.id, newId(), newId(), type, payload, now, now],
  );
}

/** Promises the same event of many users, one of each; where nobody listens it costs one question. */
export async function promiseUserEvents(
  scope: TenantScope,
  type: DirectoryEventType,
  userIds: readonly string[],
  details: Record<string, unknown>,
): Promise<void> {
  if ((await countListening(scope, type)) === 0) return;
  for (const userId of userIds) await promiseDirectoryEvent(scope, type, { userId, ...details });
}

/** Promises that users came into a group or left it, at most 1,000 of them an event. */
export async function promiseMembershipEvents(
  scope: TenantScope,
  type: 'membership.added' | 'membership.removed',
  { groupId, userIds }: { groupId: string; userIds: readonly string[] },
): Promise<void> {
  for (let from = 0; from < userIds.length; from += eventIdLimit) {
    const some = userIds.slice(from, from + eventIdLimit);
    await promiseDirectoryEvent(scope, type, { groupId, userIds: some });
  }
}

const listens = `tenant_id = ? and disabled_at is null and (event_types = '{}' or ? = any(event_types))`;

async function countListening({ em, tenant }: TenantScope, type: DirectoryEventType): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from webhook_endpoints where ${listens}`,
    [tenant.id, type],
  );
  return row?.count ?? 0;
}
