import type { DeadlineKind } from '../lifecycle/deadlines.ts';
import type { Audience } from './entries.ts';

type Coming = {
  /** What will happen then, in a sentence. */
  title: string;
  /** It moves the tenant's own life, and is no reminder or chore beside it. */
  moves: boolean;
  /** Only operators are concerned. */
  internal?: true;
};

/** What each deadline will do, in words. */
const coming: Record<DeadlineKind, Coming> = {
  trial_notice_7: { title: 'the admins are told that the trial ends in 7 days', moves: false },
  trial_will_end: { title: 'webhooks are told that the trial ends in 3 days', moves: false },
  trial_notice_1: { title: 'the admins are told that the trial ends in 1 day', moves: false },
  trial_end: {
    title: 'the trial ends, and the tenant goes on with the plan that is paid for, or the free one',
    moves: true,
  },
  invitation_expiry: { title: 'an invitation expires', moves: false },
  suspension_start: { title: 'a suspension begins that was scheduled', moves: true },
  suspension_end: { title: 'a suspension ends by itself', moves: true },
  payment_promise: { title: 'the payment is due that was promised, or the suspension returns', moves: true },
  offboarding_notice_7: { title: 'the admins are told that the tenant ends in 7 days', moves: false },
  offboarding_notice_1: { title: 'the admins are told that the tenant ends in 1 day', moves: false },
  offboarding_execution: { title: 'the tenant ends: nobody has access any more', moves: true },
  purge: { title: 'all data of the tenant is deleted, unless a legal hold keeps it', moves: true },
  inactivity_notice_14: {
    title: 'the admins are warned that an unused tenant is suspended in 14 days',
    moves: false,
  },
  inactivity_notice_3: {
    title: 'the admins are warned that an unused tenant is suspended in 3 days',
    moves: false,
  },
  inactivity_suspension: { title: 'the tenant is suspended, read-only, if nobody uses it', moves: true },
  plan_change: { title: 'the plan changes as it was scheduled, if the tenant fits it', moves: true },
  overrides_end: { title: 'what was agreed beside the plan ends', moves: true },
  payment_due: { title: 'the next payment is due', moves: false },
  dunning_mail: { title: 'the admins are told that a payment is missing', moves: false },
  dunning_read_only: { title: 'the tenant is suspended, read-only, unless it pays', moves: true },
  dunning_blocked: { title: 'the tenant is suspended for all, unless it pays', moves: true },
  dunning_notice: { title: 'the tenant is put on notice, unless it pays', moves: true },
  overage_end: { title: 'the overage ends: nobody is let in above the limit of users', moves: false },
  scim_token_notice_30: {
    title: 'the admins are told that a token of the directory expires in 30 days',
    moves: false,
  },
  scim_token_notice_7: {
    title: 'the admins are told that a token of the directory expires in 7 days',
    moves: false,
  },
  scim_token_notice_1: {
    title: 'the admins are told that a token of the directory expires in 1 day',
    moves: false,
  },
  task_escalation: { title: 'a task that is still open goes to its backup', moves: false, internal: true },
};

/** What a deadline will do, in a sentence; `null` where it does not concern the reader. */
export function titleOfDeadline(kind: DeadlineKind, audience: Audience): string | null {
  const { title, internal } = coming[kind];
  return internal && audience !== 'operators' ? null : title;
}

/** Whether a deadline moves the tenant's own life: what is said to come next. */
export function movesTenant(kind: DeadlineKind): boolean {
  return coming[kind].moves;
}
