import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { limitNames, plans } from '../../domain/plans/catalogue.ts';
import { intervals } from '../../domain/plans/prices.ts';
import { ownedByTenant, routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** That a tenant uses so much of a limit, since when; gone when it uses less again. */
export const UsageMark = defineEntity({
  name: 'UsageMark',
  tableName: 'usage_marks',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id').deleteRule('cascade'),
    limitName: p.enum(limitNames).primary(),
    /** 80 or 100. */
    percent: p.integer().primary(),
    crossedAt: p.datetime(),
  },
});

/** How many bytes of files a tenant has, kept by the trigger of its files; there is none while it is unlimited. */
export const StorageUsage = defineEntity({
  name: 'StorageUsage',
  tableName: 'storage_usage',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id').deleteRule('cascade'),
    bytes: p.bigint('number').default(0),
    files: p.bigint('number').default(0),
  },
  checks: [{ name: 'storage_usage_check', expression: 'bytes >= 0 and files >= 0' }],
});

/** The change of plan that is to come; one for each tenant. */
export const ScheduledPlanChange = defineEntity({
  name: 'ScheduledPlanChange',
  tableName: 'scheduled_plan_changes',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id').deleteRule('cascade'),
    plan: p.enum(plans),
    interval: p.enum(intervals).strictNullable(),
    /** In the tenant's own time. */
    dueAt: p.datetime(),
    requestedAt: p.datetime(),
    byKind: p.text(),
    byId: p.uuid().strictNullable(),
    note: p.text().strictNullable(),
  },
});
export type ScheduledPlanChange = InferEntity<typeof ScheduledPlanChange>;

export const planRequestStates = ['open', 'approved', 'rejected', 'withdrawn'] as const;

/** A change of plan that an owner has asked for, and operators decide. */
export const PlanRequest = defineEntity({
  name: 'PlanRequest',
  tableName: 'plan_requests',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id').deleteRule('cascade'),
    id: p.uuid().primary(),
    plan: p.enum(plans),
    note: p.text().strictNullable(),
    state: p.enum(planRequestStates).default('open'),
    requestedAt: p.datetime(),
    requestedById: p.uuid(),
    decidedAt: p.datetime().strictNullable(),
    decidedByKind: p.text().strictNullable(),
    decidedById: p.uuid().strictNullable(),
    decisionNote: p.text().strictNullable(),
  },
  uniques: [{ name: 'plan_requests_open_unique', properties: ['tenantId'], where: `state = 'open'` }],
  indexes: [{ name: 'plan_requests_state_index', properties: ['state', 'id'] }],
  checks: [
    { name: 'plan_requests_decided_check', expression: `(state = 'open') = (decided_at is null)` },
    {
      name: 'plan_requests_decider_check',
      expression: `(decided_at is null) = (decided_by_kind is null)`,
    },
  ],
});
export type PlanRequest = InferEntity<typeof PlanRequest>;

/** That a trial was given to an e-mail domain, or an address of a shared one; only its hash is kept. */
export const UsedTrial = defineEntity({
  name: 'UsedTrial',
  tableName: 'used_trials',
  properties: { keyHash: p.text().primary(), usedAt: p.datetime() },
});
