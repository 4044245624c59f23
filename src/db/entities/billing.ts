import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { plans } from '../../domain/plans/catalogue.ts';
import { currencies, intervals } from '../../domain/plans/prices.ts';
import { routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

export const billingProviders = ['stripe', 'manual'] as const;

/** How a tenant pays: its account at the provider as it was last read there, or until when operators say it has paid. */
export const BillingAccount = defineEntity({
  name: 'BillingAccount',
  tableName: 'billing_accounts',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id').deleteRule('cascade'),
    provider: p.enum(billingProviders),
    /** The provider's ids. */
    customerId: p.text().strictNullable().unique('billing_accounts_customer_unique'),
    subscriptionId: p.text().strictNullable().unique('billing_accounts_subscription_unique'),
    /** The provider's own word; one that is not known changes nothing. */
    subscriptionStatus: p.text().strictNullable(),
    plan: p.enum(plans).strictNullable(),
    interval: p.enum(intervals).strictNullable(),
    currency: p.enum(currencies).strictNullable(),
    /** From what the periods are counted. */
    anchorAt: p.datetime().strictNullable(),
    periodStart: p.datetime().strictNullable(),
    periodEnd: p.datetime().strictNullable(),
    cancelAt: p.datetime().strictNullable(),
    cancelledAt: p.datetime().strictNullable(),
    /** Of a tenant that is billed by hand, in its own time. */
    paidUntil: p.datetime().strictNullable(),
    /** When the provider was asked: what was read earlier is not written over it. */
    readAt: p.datetime().strictNullable(),
    /** Since when a payment has failed, in the tenant's own time, and the invoice it was for. */
    dunningSince: p.datetime().strictNullable(),
    unpaidInvoice: p.text().strictNullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
  checks: [
    {
      name: 'billing_accounts_manual_check',
      expression: `provider <> 'manual' or (customer_id is null and subscription_id is null)`,
    },
    {
      name: 'billing_accounts_dunning_check',
      expression: `unpaid_invoice is null or dunning_since is not null`,
    },
  ],
});
export type BillingAccount = InferEntity<typeof BillingAccount>;

export const billingEventStates = ['received', 'processed', 'ignored', 'failed'] as const;

/** An event of the provider: what to look at, never what is so. It holds ids alone. */
export const BillingEvent = defineEntity({
  name: 'BillingEvent',
  tableName: 'billing_events',
  properties: {
    /** The provider's. */
    id: p.text().primary(),
    type: p.text(),
    customerId: p.text().strictNullable(),
    subscriptionId: p.text().strictNullable(),
    /** What it is about: an invoice, a charge, a dispute. */
    objectId: p.text().strictNullable(),
    createdAt: p.datetime(),
    receivedAt: p.datetime(),
    /** How it came: sent to us, or found by the reconciler. */
    via: p.enum(['webhook', 'reconciler'] as const),
    state: p.enum(billingEventStates).default('received'),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime().strictNullable(),
    settledAt: p.datetime().strictNullable(),
    error: p.text().strictNullable(),
  },
  indexes: [
    { name: 'billing_events_waiting_index', properties: ['nextAttemptAt'], where: `state = 'received'` },
    { name: 'billing_events_received_index', properties: ['receivedAt'] },
  ],
  checks: [
    { name: 'billing_events_settled_check', expression: `(state = 'received') = (settled_at is null)` },
  ],
});
export type BillingEvent = InferEntity<typeof BillingEvent>;

/** Until where the provider's events have been read. */
export const BillingCursor = defineEntity({
  name: 'BillingCursor',
  tableName: 'billing_cursors',
  properties: {
    name: p.text().primary(),
    cursor: p.text().strictNullable(),
    readAt: p.datetime(),
  },
});

/** A minute in which the service lived: heartbeats of its web processes, requests, answers that were its own fault. */
export const ServiceMinute = defineEntity({
  name: 'ServiceMinute',
  tableName: 'service_minutes',
  properties: {
    minute: p.datetime().primary(),
    beats: p.integer().default(0),
    requests: p.bigint('number').default(0),
    serverErrors: p.bigint('number').default(0),
  },
});
