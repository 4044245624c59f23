import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { AuditAction } from '../../domain/audit-actions.ts';
import { needsTenant, ownedByTenant, ownedByTenantOrNone } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** Who did what, from where, and what changed. Only appended to. */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  ...ownedByTenantOrNone,
  triggers: [needsTenant('audit_events')],
  properties: {
    tenantId: p.uuid().primary(),
    /** A UUID version 7: its order is the order of time. */
    id: p.uuid().primary(),
    at: p.datetime(),
    action: p.text().$type<AuditAction>(),
    actorKind: p.text(),
    actorId: p.uuid().strictNullable(),
    targetKind: p.text().strictNullable(),
    targetId: p.text().strictNullable(),
    requestId: p.text().strictNullable(),
    /** What changed, without secrets and without personal values. */
    details: p.json().$type<Record<string, unknown>>(),
    /** Personal values (names, addresses, IP), each sealed with the key of the person it is about. */
    personal: p.json().$type<Record<string, string>>(),
  },
  indexes: [{ name: 'audit_events_action_index', properties: ['tenantId', 'action', 'id'] }],
});
export type AuditEvent = InferEntity<typeof AuditEvent>;

/** The key under which one person's values in the audit trail are sealed; an erasure destroys it. */
export const SubjectKey = defineEntity({
  name: 'SubjectKey',
  tableName: 'subject_keys',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    subjectId: p.uuid().primary(),
    /** Sealed with the tenant's key. */
    keySealed: p.text(),
  },
});

/** The first answer to a mutation that carried an idempotency key. */
export const IdempotencyKey = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  ...ownedByTenantOrNone,
  triggers: [needsTenant('idempotency_keys')],
  properties: {
    tenantId: p.uuid().primary(),
    actor: p.text().primary(),
    key: p.text().primary(),
    inputHash: p.text(),
    /** Sealed: answers may hold a secret that is shown once. */
    answerSealed: p.text().strictNullable(),
    createdAt: p.datetime(),
  },
  indexes: [{ name: 'idempotency_keys_created_index', properties: ['tenantId', 'createdAt'] }],
});
