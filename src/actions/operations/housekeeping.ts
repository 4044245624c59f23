import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { deliveryLogDays } from '../../domain/webhooks.ts';
import { deleteFullBudgets } from '../../db/calls/budget-table.ts';
import { IdempotencyKey } from '../../db/entities/audit.ts';
import { BillingEvent } from '../../db/entities/billing.ts';
import { SsoAssertion, SsoAttempt, SsoRequest } from '../../db/entities/connection.ts';
import { RemovedMembership } from '../../db/entities/group.ts';
import { PersonToken } from '../../db/entities/person.ts';
import { ScimRequest } from '../../db/entities/scim-request.ts';
import { RefreshToken, UserToken } from '../../db/entities/session.ts';
import { Tenant } from '../../db/entities/tenant.ts';
import { Tombstone } from '../../db/entities/tombstone.ts';
import { WebhookDelivery } from '../../db/entities/webhook.ts';
import { firstIdAt } from '../../db/ids.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { deleteOldMinutes } from '../plans/service-level.ts';

/** How long an idempotency key is remembered. */
const idempotencyDays = 1;
/** How long it is known whom a directory took out of a group. */
const removedMembershipDays = 30;
/** How long the trace of a sign-in attempt is kept. */
const attemptDays = 30;
/** How long an event of billing is kept that has been dealt with; the provider itself lists them for 30 days. */
const billingEventDays = 90;
/** How long a request of a directory stands in the provisioning log. */
const scimRequestDays = 30;
/** How long a certificate of deletion is tried to be delivered to an address. */
const recipientDays = 30;

/** A page of tenant ids after one, for work that visits every tenant but those that are being purged. */
export async function listTenantIds(
  { em }: ControlScope,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const where = { purgeClaimedAt: null, ...(after === null ? {} : { id: { $gt: after } }) };
  const tenants = await em.find(Tenant, where, { fields: ['id'], orderBy: { id: 'asc' }, limit });
  return tenants.map(({ id }) => id);
}

/** Deletes a tenant's rows that have served their time: used and expired tokens, requests, traces, keys. */
export async function deleteExpired({ em, tenant, now }: TenantScope): Promise<number> {
  const tenantId = tenant.id;
  const expired = { tenantId, expiresAt: { $lt: now } };
  const deleted = [
    await em.nativeDelete(SsoRequest, expired),
    await em.nativeDelete(SsoAssertion, expired),
    await em.nativeDelete(UserToken, expired),
    await em.nativeDelete(RefreshToken, expired),
    await em.nativeDelete(WebhookDelivery, {
      tenantId,
      settledAt: { $lt: daysAfter(now, -deliveryLogDays) },
    }),
    await em.nativeDelete(SsoAttempt, { tenantId, at: { $lt: daysAfter(now, -attemptDays) } }),
    await em.nativeDelete(ScimRequest, {
      tenantId,
      id: { $lt: firstIdAt(daysAfter(now, -scimRequestDays)) },
    }),
    await em.nativeDelete(RemovedMembership, {
      tenantId,
      removedAt: { $lt: daysAfter(now, -removedMembershipDays) },
    }),
    await em.nativeDelete(IdempotencyKey, { tenantId, createdAt: { $lt: daysAfter(now, -idempotencyDays) } }),
  ];
  return deleted.reduce((sum, count) => sum + count, 0);
}

/** Deletes the control plane's rows that have served their time. */
export async function deleteExpiredTenantless(scope: ControlScope): Promise<void> {
  const { em, now, ownerId } = scope;
  await em.nativeDelete(PersonToken, { expiresAt: { $lt: now } });
  const old = { tenantId: ownerId, createdAt: { $lt: daysAfter(now, -idempotencyDays) } };
  await em.nativeDelete(IdempotencyKey, old);
  const logged = { tenantId: ownerId, settledAt: { $lt: daysAfter(now, -deliveryLogDays) } };
  await em.nativeDelete(WebhookDelivery, logged);
  await em.nativeDelete(BillingEvent, {
    state: { $in: ['processed', 'ignored'] },
    settledAt: { $lt: daysAfter(now, -billingEventDays) },
  });
  const unclaimed = { certifiedAt: { $lt: daysAfter(now, -recipientDays) } };
  await em.nativeUpdate(Tombstone, unclaimed, { recipientsSealed: null });
  await em.execute(`delete from rate_limits where expire < ?`, [now.getTime()]);
  await deleteFullBudgets(scope);
  await deleteOldMinutes(scope);
}
