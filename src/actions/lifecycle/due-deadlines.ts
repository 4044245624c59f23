import type { DeadlineKind } from '../../domain/lifecycle/deadlines.ts';
import { claimDeadline, type DueDeadline, findDueDeadlines } from '../../db/deadlines.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { expireInvitation } from '../people/invitations.ts';
import { noticeInactivity, suspendInactive } from '../suspension/inactivity.ts';
import { noticeOffboarding } from '../offboarding/offboarding.ts';
import { executeDueOffboarding } from '../offboarding/offboarding-execution.ts';
import { claimDuePurge } from '../offboarding/purge-claim.ts';
import { liftEnded, resumeAfterPromise } from '../suspension/reinstatement.ts';
import { startScheduledSuspension } from '../suspension/suspension.ts';
import { escalateTask } from '../suspension/tasks.ts';
import { endTrial, noticeTrial } from './trial.ts';

type Fire = (scope: TenantScope, subject: string) => Promise<void>;

/** What each deadline does when it is due. A new kind does not compile without it. */
const fires: Record<DeadlineKind, Fire> = {
  trial_notice_7: (scope) => noticeTrial(scope, 'trial_notice_7'),
  trial_notice_1: (scope) => noticeTrial(scope, 'trial_notice_1'),
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
};

/** The deadlines that are due, oldest first, over all tenants. */
export function listDueDeadlines(scope: ControlScope, limit: number): Promise<DueDeadline[]> {
  return findDueDeadlines(scope, limit);
}

/** Fires one deadline in its tenant's scope, once: with the transaction it is gone, or due as before. */
export async function fireDeadline(scope: TenantScope, due: DueDeadline): Promise<boolean> {
  const claimed = await claimDeadline(scope, due);
  if (!claimed) return false;
  await fires[due.kind](scope, due.subject);
  return true;
}
