import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantRoles } from '../../domain/actors.ts';
import { type OnboardingStep, onboardingStepStates } from '../../domain/lifecycle/onboarding-steps.ts';
import { plans } from '../../domain/plans/catalogue.ts';
import { suspensionModes } from '../../domain/lifecycle/status.ts';
import { suspensionResolutions, suspensionTriggers } from '../../domain/lifecycle/suspensions.ts';
import { keepsAddress } from '../triggers/addresses.ts';
import { takesPlace } from '../triggers/places.ts';
import { consistentState } from '../triggers/consistency.ts';
import { ownedByTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** A tenant's project. */
export const Project = defineEntity({
  name: 'Project',
  tableName: 'projects',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    name: p.text(),
    description: p.text().default(''),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
  triggers: [takesPlace('projects')],
  indexes: [{ name: 'projects_created_index', properties: ['tenantId', 'createdAt', 'id'] }],
});
export type Project = InferEntity<typeof Project>;

/** An address asked to join a tenant. */
export const Invitation = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    email: p.text(),
    emailKey: p.text(),
    name: p.text().strictNullable(),
    role: p.enum(tenantRoles),
    /** Hashes of the tokens mailed for it; made when the mail is sent. */
    tokenHashes: p.array().defaultRaw(`'{}'`),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    acceptedAt: p.datetime().strictNullable(),
    /** When it was closed without being accepted: out of time, or revoked. */
    expiredAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
  },
  triggers: [
    keepsAddress('invitations', 'new.accepted_at is null and new.expired_at is null'),
    takesPlace('invitations'),
  ],
  uniques: [
    {
      name: 'invitations_open_unique',
      properties: ['tenantId', 'emailKey'],
      where: 'accepted_at is null and expired_at is null',
    },
  ],
  checks: [{ name: 'invitations_revoked_check', expression: 'revoked_at is null or expired_at is not null' }],
});
export type Invitation = InferEntity<typeof Invitation>;

/** One line of an enterprise tenant's onboarding checklist. */
export const OnboardingRecord = defineEntity({
  name: 'OnboardingRecord',
  tableName: 'onboarding_steps',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    step: p.text().$type<OnboardingStep>().primary(),
    state: p.enum(onboardingStepStates).default('open'),
    note: p.text().strictNullable(),
    evidence: p.text().strictNullable(),
    settledAt: p.datetime().strictNullable(),
    settledByKind: p.text().strictNullable(),
    settledById: p.uuid().strictNullable(),
  },
  checks: [
    { name: 'onboarding_steps_settled_check', expression: `(state = 'open') = (settled_at is null)` },
    { name: 'onboarding_steps_waived_check', expression: `state <> 'waived' or note is not null` },
  ],
});

/** One cause for which a tenant is, or was, suspended. */
export const Suspension = defineEntity({
  name: 'Suspension',
  tableName: 'suspensions',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    trigger: p.enum(suspensionTriggers),
    mode: p.enum(suspensionModes),
    note: p.text(),
    /** When it takes effect, in the tenant's own time; as are `startedAt` and `endsAt`. */
    startsAt: p.datetime(),
    /** `null` while it is scheduled for later. */
    startedAt: p.datetime().strictNullable(),
    /** When it ends by itself, where that is known. */
    endsAt: p.datetime().strictNullable(),
    /** The invoice that is unpaid, where one is the cause. */
    invoice: p.text().strictNullable(),
    /** Whether the tenant's admins are told of it. */
    notify: p.boolean().default(true),
    raisedAt: p.datetime(),
    raisedByKind: p.text(),
    raisedById: p.uuid().strictNullable(),
    liftedAt: p.datetime().strictNullable(),
    liftedByKind: p.text().strictNullable(),
    liftedById: p.uuid().strictNullable(),
    liftNote: p.text().strictNullable(),
    resolution: p.enum(suspensionResolutions).strictNullable(),
    /** Lifted on a promise: when the payment is due, in the tenant's own time. */
    promisedUntil: p.datetime().strictNullable(),
    /** When the payment that was promised came. */
    promiseKeptAt: p.datetime().strictNullable(),
    /** When it had not come on the promised day. */
    promiseBrokenAt: p.datetime().strictNullable(),
  },
  triggers: [consistentState('suspensions', 'tenant_id')],
  indexes: [{ name: 'suspensions_open_index', properties: ['tenantId'], where: 'lifted_at is null' }],
  checks: [
    { name: 'suspensions_lifted_check', expression: '(lifted_at is null) = (lifted_by_kind is null)' },
    { name: 'suspensions_resolved_check', expression: '(lifted_at is null) = (resolution is null)' },
    {
      name: 'suspensions_promise_check',
      expression: `(promised_until is null or resolution = 'payment_promised') and (resolution <> 'payment_promised' or promised_until is not null)`,
    },
    {
      name: 'suspensions_promise_outcome_check',
      expression: `(promise_kept_at is null and promise_broken_at is null) or (promised_until is not null and (promise_kept_at is null or promise_broken_at is null))`,
    },
  ],
});
export type Suspension = InferEntity<typeof Suspension>;

/** A change of plan, for the tenant's own history. */
export const PlanChange = defineEntity({
  name: 'PlanChange',
  tableName: 'plan_changes',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    fromPlan: p.enum(plans),
    toPlan: p.enum(plans),
    fromVersion: p.integer().default(1),
    toVersion: p.integer().default(1),
    at: p.datetime(),
    byKind: p.text(),
    byId: p.uuid().strictNullable(),
    note: p.text().strictNullable(),
  },
  indexes: [{ name: 'plan_changes_at_index', properties: ['tenantId', 'at'] }],
});
