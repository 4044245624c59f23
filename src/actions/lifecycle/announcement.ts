import { actorId } from '../../domain/actors.ts';
import { type Announcement, announcements } from '../../domain/lifecycle/announcements.ts';
import { type AuditFacts, record } from '../../db/audit.ts';
import { CustomerNote } from '../../db/entities/customer.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { promiseWebhooks } from '../webhooks/webhook-events.ts';

/**
 * Tells of what happened in a tenant's life, in its transaction: one audit event, one line of the customer record,
 * one event for each endpoint that listens. The tenant's row is locked, so that endpoints hear it in this order.
 */
export async function announce(
  scope: TenantScope,
  what: Announcement,
  facts: AuditFacts & { note?: string | null } = {},
): Promise<void> {
  const { em, actor, tenant, tenantNow } = scope;
  const { audit, webhook } = announcements[what];
  const { note, ...auditFacts } = facts;
  await record(scope, audit, auditFacts);
  em.create(CustomerNote, {
    tenantId: tenant.id,
    id: newId(),
    at: tenantNow,
    action: audit,
    text: note ?? '',
    byKind: actor.kind,
    byId: actorId(actor),
  });
  if (webhook) await promiseWebhooks(scope, webhook, facts.details ?? {});
}
