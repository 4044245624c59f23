import { nextTry, reasonToDisable } from '../../domain/webhooks.ts';
import { record } from '../../db/audit.ts';
import { WebhookDelivery, WebhookEndpoint } from '../../db/entities/webhook.ts';
import type { ControlScope } from '../../db/scope.ts';
import { tellAdmins, tellOperators } from '../notifications/notices.ts';
import { lockIfThere, openSecrets, type OwnerScope } from './endpoint-owner.ts';
import { switchOff } from './webhook-endpoints.ts';

/** A delivery that one worker has to itself until its lease runs out. */
export type ClaimedDelivery = {
  tenantId: string;
  id: string;
  /** Whose the endpoint is. */
  owner: 'tenant' | 'operator';
  endpointId: string;
  /** How often it was tried, this time included; who claims it after us counts one more. */
  attempts: number;
  leasedUntil: Date;
};

export type Claiming = {
  limit: number;
  /** How many to one endpoint at once. */
  perEndpoint: number;
  leaseSeconds: number;
  /** Endpoints that are to get no more for now. */
  busy: readonly string[];
};

/**
 * Claims deliveries that are due, over all tenants: of each endpoint and tenant the oldest that has not settled, and
 * no other. Two workers never claim the same; the claim of one that died runs out. A tenant that is being purged is
 * passed over.
 */
export async function claimDeliveries(
  { em, now, ownerId }: ControlScope,
  { limit, perEndpoint, leaseSeconds, busy }: Claiming,
): Promise<ClaimedDelivery[]> {
  const leasedUntil = new Date(now.getTime() + leaseSeconds * 1000);
  const claimed = await em.execute<Omit<ClaimedDelivery, 'leasedUntil'>[]>(
    `with waiting as (
       select d.tenant_id, d.id, row_number() over (partition by d.endpoint_id order by d.next_attempt_at) as place
       from webhook_deliveries d
       where d.state = 'pending' and d.next_attempt_at <= ? and (d.leased_until is null or d.leased_until <= ?)
         and d.endpoint_id <> all (string_to_array(?, ',')::uuid[])
         and not exists (
           select from webhook_deliveries older where older.tenant_id = d.tenant_id
             and older.endpoint_id = d.endpoint_id and older.state = 'pending' and older.position < d.position)
         and not exists (select from tenants t where t.id = d.tenant_id and t.purge_claimed_at is not null)
     ), chosen as (
       select d.tenant_id, d.id from webhook_deliveries d join waiting on waiting.tenant_id = d.tenant_id and waiting.id = d.id
       where waiting.place <= ? and d.state = 'pending' and (d.leased_until is null or d.leased_until <= ?)
       order by d.next_attempt_at limit ? for update of d skip locked
     )
     update webhook_deliveries d set leased_until = ?, attempts = attempts + 1 from chosen
     where d.tenant_id = chosen.tenant_id and d.id = chosen.id
     returning d.tenant_id as "tenantId", d.id, d.endpoint_id as "endpointId", d.attempts,
       case when d.endpoint_owner_id = ? then 'operator' else 'tenant' end as owner`,
    [now, now, busy.join(','), perEndpoint, now, limit, leasedUntil, ownerId],
  );
  return claimed.map((delivery) => ({ ...delivery, leasedUntil }));
}

/** What to send of a claimed delivery and how to sign it, in its endpoint's owner's scope; `null` when nothing is. */
export async function readClaimed(scope: OwnerScope, { tenantId, id, endpointId }: ClaimedDelivery) {
  const endpoint = await scope.em.findOne(WebhookEndpoint, { tenantId: scope.ownerId, id: endpointId });
  const delivery = await scope.em.findOne(WebhookDelivery, { tenantId, id, state: 'pending' });
  if (!delivery || !endpoint || endpoint.disabledAt) return null;
  const { eventId, eventType: type, createdAt, payload: data } = delivery;
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
  return { url: endpoint.url, secrets: openSecrets(scope, endpoint), id: eventId, body };
}

export type Outcome = { delivered: boolean; status: number | null; error: string | null };

/**
 * Notes what came of a claimed delivery, in its endpoint's owner's scope: it has arrived, is tried again, or has failed
 * for good. An endpoint that has failed for too long, or is gone, is switched off. A claim that has run out notes nothing.
 */
export async function settleDelivery(
  scope: OwnerScope,
  { tenantId, id, endpointId, attempts }: ClaimedDelivery,
  { delivered, status, error, chance }: Outcome & { chance: number },
): Promise<void> {
  const endpoint = await lockIfThere(scope, endpointId);
  const delivery = await scope.em.findOne(WebhookDelivery, { tenantId, id, attempts, state: 'pending' });
  if (!delivery) return;
  delivery.lastStatus = status;
  delivery.lastError = error;
  delivery.leasedUntil = null;
  const next = delivered || !endpoint ? null : nextTry(attempts, scope.now, chance);
  if (next) delivery.nextAttemptAt = next;
  else settle(delivery, delivered ? 'delivered' : 'failed', scope.now);
  if (!endpoint) return;
  if (delivered) endpoint.failingSince = null;
  else await noteFailure(scope, endpoint, status);
}

/** Notes that a claimed delivery leads nowhere any more: its endpoint was removed or switched off meanwhile. */
export async function dropDelivery(scope: OwnerScope, claimed: ClaimedDelivery): Promise<void> {
  const { tenantId, id } = claimed;
  const delivery = await scope.em.findOne(WebhookDelivery, { tenantId, id, state: 'pending' });
  if (!delivery) return;
  delivery.lastError = 'the endpoint is switched off';
  settle(delivery, 'failed', scope.now);
}

function settle(delivery: WebhookDelivery, state: 'delivered' | 'failed', now: Date): void {
  delivery.state = state;
  delivery.settledAt = now;
  delivery.leasedUntil = null;
}

async function noteFailure(scope: OwnerScope, endpoint: WebhookEndpoint, status: number | null) {
  const since = endpoint.failingSince ?? scope.now;
  endpoint.failingSince = since;
  const reason = reasonToDisable(status, since, scope.now);
  if (!reason || endpoint.disabledAt) return;
  await switchOff(scope, endpoint, reason);
  await record(scope, 'webhook_endpoint.disabled', {
    target: { kind: 'webhook_endpoint', id: endpoint.id },
    details: { url: endpoint.url, reason, failingSince: since },
  });
  const occurrence = `${endpoint.id}:${scope.now.toISOString()}`;
  if (scope.kind === 'tenant') {
    await tellAdmins(scope, { mail: 'webhook_disabled', endpointId: endpoint.id }, occurrence);
  } else {
    const notice = { mail: 'operator_webhook_disabled', endpointId: endpoint.id } as const;
    await tellOperators(scope, notice, { roles: ['engineering'], occurrence });
  }
}
