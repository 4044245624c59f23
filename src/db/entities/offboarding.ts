import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { offboardingPhases, offboardingTriggers } from '../../domain/lifecycle/offboarding.ts';
import { tenantStatuses } from '../../domain/lifecycle/status.ts';
import { consistentState } from '../triggers/consistency.ts';
import { ownedByTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** A tenant's leave, from notice to purge. It belongs to the tenant: who asked is recorded and may be gone. */
export const Offboarding = defineEntity({
  name: 'Offboarding',
  tableName: 'offboardings',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    trigger: p.enum(offboardingTriggers),
    phase: p.enum(offboardingPhases),
    note: p.text(),
    requestedAt: p.datetime(),
    requestedByKind: p.text(),
    requestedById: p.uuid().strictNullable(),
    /** In the tenant's own time, as are `executedAt` and `purgeDueAt`. */
    effectiveAt: p.datetime(),
    executedAt: p.datetime().strictNullable(),
    executedByKind: p.text().strictNullable(),
    executedById: p.uuid().strictNullable(),
    purgeDueAt: p.datetime().strictNullable(),
    claimedAt: p.datetime().strictNullable(),
    cancelledAt: p.datetime().strictNullable(),
    cancelledByKind: p.text().strictNullable(),
    cancelledById: p.uuid().strictNullable(),
    cancelNote: p.text().strictNullable(),
    /** What the tenant was when it was executed, so that it can be taken back. */
    statusBefore: p.enum(tenantStatuses).strictNullable(),
    livingBefore: p.enum(['onboarding', 'trial', 'active'] as const).strictNullable(),
    suspendedAtBefore: p.datetime().strictNullable(),
  },
  triggers: [consistentState('offboardings', 'tenant_id')],
  uniques: [{ name: 'offboardings_open_unique', properties: ['tenantId'], where: `phase <> 'cancelled'` }],
  checks: [
    {
      name: 'offboardings_executed_check',
      expression: `(phase <> 'executed' and phase <> 'purging') or (executed_at is not null and purge_due_at is not null and status_before is not null)`,
    },
    { name: 'offboardings_claimed_check', expression: `(phase = 'purging') = (claimed_at is not null)` },
    {
      name: 'offboardings_cancelled_check',
      expression: `(phase = 'cancelled') = (cancelled_at is not null and cancelled_by_kind is not null)`,
    },
  ],
});
export type Offboarding = InferEntity<typeof Offboarding>;

/** A duty to keep a tenant's data: it stops the purge, and nothing else. */
export const LegalHold = defineEntity({
  name: 'LegalHold',
  tableName: 'legal_holds',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    note: p.text(),
    placedAt: p.datetime(),
    placedByKind: p.text(),
    placedById: p.uuid().strictNullable(),
    releasedAt: p.datetime().strictNullable(),
    releasedByKind: p.text().strictNullable(),
    releasedById: p.uuid().strictNullable(),
    releaseNote: p.text().strictNullable(),
  },
  uniques: [{ name: 'legal_holds_open_unique', properties: ['tenantId'], where: 'released_at is null' }],
  checks: [
    { name: 'legal_holds_released_check', expression: '(released_at is null) = (released_by_kind is null)' },
  ],
});
export type LegalHold = InferEntity<typeof LegalHold>;
