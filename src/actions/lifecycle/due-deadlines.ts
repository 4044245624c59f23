import type { DeadlineKind } from '../../domain/lifecycle/deadlines.ts';
import { type ClaimedDeadline, claimNext, type DueDeadline, findDueTenants } from '../../db/deadlines.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { blockUnpaid, giveNoticeUnpaid, remindOfPayment, suspendUnpaid } from '../billing/dunning.ts';
import { askForPayment } from '../billing/payments.ts';
import { noticeTokenExpiry } from '../connections/token-expiry.ts';
import { expireInvitation } from '../people/invitations.ts';
import { closeOverage } from '../plans/overage.ts';
import { endOverrides } from '../plans/plan-overrides.ts';
import { runScheduledChange } from '../plans/scheduled-run.ts';
import { noticeInactivity, suspendInactive } from '../suspension/inactivity.ts';
import { noticeOffboarding } from '../offboarding/offboarding.ts';
import { executeDueOffboarding } from '../offboarding/offboarding-execution.ts';
import { claimDuePurge } from '../offboarding/purge-claim.ts';
import { liftEnded } from '../suspension/lifting.ts';
import { resumeAfterPromise } from '../suspension/payment-promise.ts';
import { startScheduledSuspension } from '../suspension/suspension.ts';
import { escalateTask } from '../suspension/tasks.ts';
import { announceTrialEnd, noticeTrial } from './trial.ts';
import { endTrial } from './trial-end.ts';

type Fire = (scope: TenantScope, subject: string) => Promise<void>;

/** What each deadline does when it is due. A new kind does not compile without it. */
const fires: Record<DeadlineKind, Fire> = {
  trial_notice_7: (scope) => noticeTrial(scope, 'trial_notice_7'),
  trial_notice_1: (scope) => noticeTrial(scope, 'trial_notice_1'),
  trial_will_end: announceTrialEnd,
  trial_end: endTrial,
  invitation_expiry: expireInvitation,
  suspension_start: startScheduledSuspension,
  suspension_end: (scope, id) => liftEnded(scope, { id }, 'its time is over'),
  payment_promise: resumeAfterPromise,
  offboarding_notice_7: (scope) => noticeOffboarding(scope, 'offboarding_notice_7'),
  offboarding_notice_1: (scope) => noticeOffboarding(scope, 'offboarding_notice_1'),
  offboarding_execution: executeDueOffboarding,
  purge: claimDuePurge,
  inactivity_notice_14: (scope) => noticeInactivity(scope, 'inactivity_notice_14'),
  inactivity_notice_3: (scope) => noticeInactivity(scope, 'inactivity_notice_3'),
  inactivity_suspension: suspendInactive,
  task_escalation: escalateTask,
  plan_change: runScheduledChange,
  overrides_end: endOverrides,
  payment_due: askForPayment,
  dunning_mail: remindOfPayment,
  dunning_read_only: suspendUnpaid,
  dunning_blocked: blockUnpaid,
  dunning_notice: giveNoticeUnpaid,
  overage_end: closeOverage,
  scim_token_notice_30: (scope, id) => noticeTokenExpiry(scope, 'scim_token_notice_30', id),
  scim_token_notice_7: (scope, id) => noticeTokenExpiry(scope, 'scim_token_notice_7', id),
  scim_token_notice_1: (scope, id) => noticeTokenExpiry(scope, 'scim_token_notice_1', id),
};

/** Tenants on which something is due, the longest due first. */
export function listDueTenants(scope: ControlScope, limit: number): Promise<string[]> {
  return findDueTenants(scope, limit);
}

/** What of a tenant is next: `busy` where somebody else is at this tenant and `wait` is off, `null` where nothing is due. */
export function claimNextDeadline(
  scope: TenantScope,
  how: { wait: boolean; except: readonly DueDeadline[] },
): Promise<ClaimedDeadline | 'busy' | null> {
  return claimNext(scope, how);
}

/**
 * Fires a deadline that this transaction has claimed: with it it is gone, or due as before. A sandbox tenant's clock
 * may have jumped over several: each fires at its own moment, so that one leads to the next as it would have.
 */
export async function fireDeadline(
  scope: TenantScope,
  { kind, subject, dueAt }: ClaimedDeadline,
): Promise<void> {
  const at = scope.tenant.sandbox ? { ...scope, tenantNow: dueAt } : scope;
  await fires[kind](at, subject);
}
