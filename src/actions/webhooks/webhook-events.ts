import type { WebhookEventType } from '../../domain/webhooks.ts';
import { CustomerRecord } from '../../db/entities/customer.ts';
import { WebhookDelivery, WebhookEndpoint } from '../../db/entities/webhook.ts';
import { newId } from '../../db/ids.ts';
import { noTenant } from '../../db/policies.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';

/** Promises an event to each endpoint that listens: the tenant's own, and the operator's, who learns of the customer. */
export async function promiseWebhooks(
  scope: TenantScope,
  type: WebhookEventType,
  details: Record<string, unknown>,
): Promise<void> {
  const { em, tenant } = scope;
  await em.flush();
  const own = await em.find(WebhookEndpoint, { tenantId: tenant.id, disabledAt: null });
  const operators = await atControlPlane(scope, (control) =>
    control.em.find(WebhookEndpoint, { tenantId: noTenant, disabledAt: null }),
  );
  const listening = [...own, ...operators].filter(
    ({ eventTypes }) => eventTypes.length === 0 || eventTypes.includes(type),
  );
  scope.watch?.webhooks.push({ type, endpoints: listening.length });
  if (listening.length === 0) return;
  const customer = await em.findOne(CustomerRecord, { tenantId: tenant.id });
  const eventId = newId();
  for (const endpoint of listening) {
    em.create(WebhookDelivery, {
      tenantId: tenant.id,
      id: newId(),
      endpointOwnerId: endpoint.tenantId,
      endpointId: endpoint.id,
      eventId,
      eventType: type,
      payload: {
        tenant: describeTenant(tenant),
        details,
        customer: endpoint.tenantId === noTenant && customer ? describeCustomer(customer) : null,
      },
      createdAt: scope.now,
      nextAttemptAt: scope.now,
    });
  }
  await em.flush();
}

function describeCustomer({ accountOwner, crmId, billingId, supportId, contacts }: CustomerRecord) {
  return { accountOwner, crmId, billingId, supportId, contacts };
}
