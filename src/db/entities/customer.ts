import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ownedByTenant, routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

export type CustomerContact = { name: string; email: string; role: string | null };

/** What the company knows of a tenant as a customer: whom to talk to, and its ids in other systems. */
export const CustomerRecord = defineEntity({
  name: 'CustomerRecord',
  tableName: 'customer_records',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    /** The e-mail address of the operator who looks after the customer. */
    accountOwner: p.text().strictNullable(),
    crmId: p.text().strictNullable(),
    billingId: p.text().strictNullable(),
    supportId: p.text().strictNullable(),
    contacts: p.json().$type<CustomerContact[]>().defaultRaw(`'[]'`),
    updatedAt: p.datetime(),
  },
});
export type CustomerRecord = InferEntity<typeof CustomerRecord>;

/** One entry of the customer record: a lifecycle action, by itself, or an operator's note. */
export const CustomerNote = defineEntity({
  name: 'CustomerNote',
  tableName: 'customer_notes',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    /** In the tenant's own time. */
    at: p.datetime(),
    /** The audit action it tells of; `null` for a note. */
    action: p.text().strictNullable(),
    text: p.text(),
    byKind: p.text(),
    byId: p.uuid().strictNullable(),
  },
});
export type CustomerNote = InferEntity<typeof CustomerNote>;

/**
 * When somebody of a tenant last signed in or called, to the hour, in the tenant's own time. The control plane reads it
 * to steer all tenants of a plan at once.
 */
export const TenantActivity = defineEntity({
  name: 'TenantActivity',
  tableName: 'tenant_activity',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    lastActiveAt: p.datetime(),
  },
});

/** By which addresses an operator finds a tenant: those of its users and open invitations, kept by triggers. */
export const TenantAddress = defineEntity({
  name: 'TenantAddress',
  tableName: 'tenant_addresses',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    /** The user or invitation that has the address. */
    sourceId: p.uuid().primary(),
    emailKey: p.text(),
    domain: p.text(),
  },
  indexes: [
    { name: 'tenant_addresses_email_index', properties: ['emailKey'] },
    { name: 'tenant_addresses_domain_index', properties: ['domain'] },
  ],
});
