/** What is told to endpoints, of the operator and of the tenant (Standard Webhooks: `type`). */
export const webhookEventTypes = [
  'tenant.created',
  'tenant.activated',
  'tenant.plan_changed',
  'tenant.suspended',
  'tenant.reinstated',
  'tenant.offboarding_scheduled',
  'tenant.offboarding_cancelled',
  'tenant.offboarded',
  'tenant.purged',
] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];
