import type { AuditAction } from '../audit-actions.ts';
import type { LifecycleEventType } from '../webhooks.ts';

type Told = {
  audit: AuditAction;
  /** Told to the endpoints of the operator and of the tenant. */
  webhook: LifecycleEventType | null;
};

/** What happens in a tenant's life, and where it is told of. Each is one audit event and one line of the customer record. */
export const announcements = {
  created: { audit: 'tenant.created', webhook: 'tenant.created' },
  registered: { audit: 'tenant.registered', webhook: 'tenant.created' },
  went_live: { audit: 'tenant.went_live', webhook: 'tenant.activated' },
  trial_started: { audit: 'tenant.trial_started', webhook: null },
  trial_extended: { audit: 'tenant.trial_extended', webhook: null },
  trial_will_end: { audit: 'tenant.trial_end_announced', webhook: 'tenant.trial_will_end' },
  trial_ended: { audit: 'tenant.trial_ended', webhook: 'tenant.activated' },
  plan_changed: { audit: 'tenant.plan_changed', webhook: 'tenant.plan_changed' },
  suspension_scheduled: { audit: 'suspension.scheduled', webhook: null },
  suspension_cancelled: { audit: 'suspension.cancelled', webhook: null },
  suspended: { audit: 'tenant.suspended', webhook: 'tenant.suspended' },
  reinstated: { audit: 'tenant.reinstated', webhook: 'tenant.reinstated' },
  suspension_tightened: { audit: 'suspension.tightened', webhook: 'tenant.suspended' },
  payment_failed: { audit: 'payment.failed', webhook: null },
  payment_received: { audit: 'payment.received', webhook: null },
  payment_recorded: { audit: 'payment.recorded', webhook: null },
  payment_refunded: { audit: 'payment.refunded', webhook: null },
  payment_disputed: { audit: 'payment.disputed', webhook: null },
  billing_changed: { audit: 'billing_account.changed', webhook: null },
  billing_detached: { audit: 'billing_account.detached', webhook: null },
  billing_questioned: { audit: 'billing_account.questioned', webhook: null },
  billing_repaired: { audit: 'billing_account.repaired', webhook: null },
  offboarding_scheduled: { audit: 'offboarding.scheduled', webhook: 'tenant.offboarding_scheduled' },
  offboarding_cancelled: { audit: 'offboarding.cancelled', webhook: 'tenant.offboarding_cancelled' },
  offboarded: { audit: 'tenant.offboarded', webhook: 'tenant.offboarded' },
  mass_deprovisioning: { audit: 'directory.mass_deprovisioning', webhook: 'directory.mass_deprovisioning' },
  hold_placed: { audit: 'legal_hold.placed', webhook: null },
  hold_released: { audit: 'legal_hold.released', webhook: null },
  purge_claimed: { audit: 'purge.claimed', webhook: null },
} as const satisfies Record<string, Told>;
export type Announcement = keyof typeof announcements;
