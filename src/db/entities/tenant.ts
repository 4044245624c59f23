import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { plans } from '../../domain/plans/catalogue.ts';
import type { PlanOverrides } from '../../domain/plans/overrides.ts';
import type { TenantSettings } from '../../domain/lifecycle/settings.ts';
import { suspensionModes, tenantStatuses } from '../../domain/lifecycle/status.ts';
import { consistentState } from '../triggers/consistency.ts';
import { isTenant } from '../policies.ts';

/** A customer of the SaaS company: the seed's columns and what the lifecycle needs. */
export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  ...isTenant,
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(255),
    slug: p.string().length(100).unique('tenants_slug_unique'),
    plan: p.enum(plans).default('free'),
    /** Of the catalogue: the one it bought. */
    planVersion: p.integer().default(1),
    /** What was agreed beside the plan; `null`: nothing. */
    planOverrides: p.json().$type<PlanOverrides>().strictNullable(),
    /** The limits as the database holds them, `null` is unlimited; written with the plan and the overrides. */
    limitUsers: p.integer().strictNullable(),
    limitProjects: p.integer().strictNullable(),
    limitStorageBytes: p.bigint('number').strictNullable(),
    limitApiCalls: p.integer().strictNullable(),
    /** Until when it may have more users than its limit, in its own time; set while it has. */
    overLimitUntil: p.datetime().strictNullable(),
    /** The hash under which its trial is used up. */
    trialKeyHash: p.text().strictNullable(),
    status: p.enum(tenantStatuses).default('active'),
    settings: p.json().$type<TenantSettings>().defaultRaw(`'{}'`),
    /** To which status a suspended tenant returns. */
    statusBefore: p.enum(['onboarding', 'trial', 'active'] as const).strictNullable(),
    /** The strictest of the open suspensions. */
    suspensionMode: p.enum(suspensionModes).strictNullable(),
    /** Since when it is suspended, in its own time. */
    suspendedAt: p.datetime().strictNullable(),
    /** In its own time. */
    offboardedAt: p.datetime().strictNullable(),
    /** From then on nothing of it is written any more, by anybody. */
    purgeClaimedAt: p.datetime().strictNullable(),
    trialEndsAt: p.datetime().strictNullable(),
    /** To which plan it returns when a trial ends that operators gave; `null`: the free one. */
    planBeforeTrial: p.enum(plans).strictNullable(),
    wentLiveAt: p.datetime().strictNullable(),
    sandbox: p.boolean().default(false),
    /** How far a sandbox tenant's present runs ahead of real time, in seconds. */
    clockOffsetSeconds: p.bigint('number').default(0),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  checks: [
    {
      name: 'tenants_suspension_check',
      expression: `(status = 'suspended') = (suspension_mode is not null) and (status = 'suspended') = (status_before is not null) and (status = 'suspended') = (suspended_at is not null)`,
    },
    {
      name: 'tenants_offboarding_check',
      expression: `(status = 'offboarded') = (offboarded_at is not null) and (purge_claimed_at is null or status = 'offboarded')`,
    },
    { name: 'tenants_trial_check', expression: `status <> 'trial' or trial_ends_at is not null` },
    {
      name: 'tenants_clock_check',
      expression: `clock_offset_seconds >= 0 and (sandbox or clock_offset_seconds = 0)`,
    },
  ],
  triggers: [
    {
      name: 'tenants_touch',
      timing: 'before',
      events: ['update'],
      body: 'new.updated_at := clock_timestamp(); return new;',
    },
    {
      name: 'tenants_slug_taken',
      timing: 'before',
      events: ['insert'],
      body: `insert into taken_slugs (hash) values (encode(sha256(convert_to(new.slug, 'UTF8')), 'hex')); return new;`,
    },
    consistentState('tenants', 'id'),
  ],
});
export type Tenant = InferEntity<typeof Tenant>;
