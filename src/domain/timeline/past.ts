import type { AuditAction } from '../audit-actions.ts';
import type { Audience } from './entries.ts';

type Facts = Readonly<Record<string, unknown>>;
type Told = {
  /** What happened, in a sentence. */
  title: (facts: Facts) => string;
  /** Only operators are told. */
  internal?: true;
};

/** The events that make a tenant's life, in words; what people and machines do every day is in the audit trail alone. */
const told: Partial<Record<AuditAction, Told>> = {
  'tenant.created': { title: ({ plan }) => `the tenant was created on the ${word(plan)} plan` },
  'tenant.registered': { title: () => 'the tenant was registered' },
  'tenant.updated': { title: () => 'its name or settings were changed' },
  'tenant.went_live': { title: () => 'the tenant went live' },
  'tenant.suspended': {
    title: ({ trigger, mode }) => `the tenant was suspended (${word(mode)}) for ${word(trigger)}`,
  },
  'tenant.reinstated': {
    title: ({ trigger, resolution }) => `the suspension for ${word(trigger)} ended (${word(resolution)})`,
  },
  'tenant.plan_changed': { title: ({ from, to }) => `the plan changed from ${word(from)} to ${word(to)}` },
  'tenant.trial_started': {
    title: ({ plan, days }) => `a trial of the ${word(plan)} plan began, for ${inDays(days)}`,
  },
  'tenant.trial_extended': { title: ({ endsAt }) => `the trial was extended until ${day(endsAt)}` },
  'tenant.trial_end_announced': {
    title: ({ endsAt }) => `it was told that the trial ends on ${day(endsAt)}`,
  },
  'tenant.trial_ended': { title: () => 'the trial ended' },
  'tenant.trial_notice_sent': {
    title: ({ daysLeft }) => `the admins were told that the trial ends in ${inDays(daysLeft)}`,
  },
  'tenant.clock_advanced': { title: ({ by }) => `the clock was advanced by ${word(by)}` },
  'directory.mass_deprovisioning': {
    title: ({ taken, people }) =>
      `the directory took access from ${Number(taken)} of ${Number(people)} people`,
  },
  'directory.sync_restored': {
    title: ({ people }) => `${Number(people)} people whom the directory had taken were brought back`,
  },
  'tenant.offboarded': { title: () => 'the tenant ended' },
  'tenant.inactivity_notice_sent': {
    title: ({ daysLeft }) =>
      `the admins were warned that an unused tenant is suspended in ${inDays(daysLeft)}`,
  },
  'suspension.scheduled': {
    title: ({ trigger, startsAt }) => `a suspension for ${word(trigger)} was scheduled for ${day(startsAt)}`,
  },
  'suspension.cancelled': { title: ({ trigger }) => `a suspension for ${word(trigger)} was taken back` },
  'suspension.tightened': {
    title: ({ trigger }) => `the suspension for ${word(trigger)} became one for all`,
  },
  'plan_change.scheduled': {
    title: ({ to, at }) => `a change to the ${word(to)} plan was scheduled for ${day(at)}`,
  },
  'plan_change.cancelled': { title: ({ to }) => `the change to the ${word(to)} plan was taken back` },
  'plan_change.blocked': {
    title: ({ to }) => `the tenant does not fit the ${word(to)} plan it was to go to`,
  },
  'plan_request.created': { title: ({ to }) => `the ${word(to)} plan was asked for` },
  'plan_request.approved': { title: ({ to }) => `the request for the ${word(to)} plan was granted` },
  'plan_request.rejected': { title: ({ to }) => `the request for the ${word(to)} plan was turned down` },
  'plan_request.withdrawn': { title: ({ to }) => `the request for the ${word(to)} plan was withdrawn` },
  'plan_overrides.set': { title: () => 'limits or features were agreed beside the plan' },
  'plan_overrides.ended': { title: () => 'what was agreed beside the plan ended' },
  'connections.disabled_by_plan': {
    title: () => 'connections stand idle: the plan does not have them any more',
  },
  'payment.failed': {
    title: ({ invoice }) =>
      invoice ? `invoice ${word(invoice)} could not be collected` : 'a payment is missing',
  },
  'payment.received': { title: () => 'the missing payment came' },
  'payment.recorded': { title: ({ paidUntil }) => `a payment was recorded: paid until ${day(paidUntil)}` },
  'payment.refunded': { title: () => 'a payment was refunded' },
  'payment.disputed': { title: () => 'a payment was disputed at the bank', internal: true },
  'billing_account.changed': {
    title: ({ status, plan }) => `the subscription is ${word(status)} (${word(plan)})`,
  },
  'billing_account.detached': { title: () => 'the customer was deleted at the payment provider' },
  'billing_account.questioned': {
    title: ({ why }) => `billing has to look at it: ${word(why)}`,
    internal: true,
  },
  'billing_account.repaired': {
    title: () => 'it differed from the payment provider, and was put right',
    internal: true,
  },
  'suspension.promise_kept': { title: () => 'the payment came that had been promised' },
  'offboarding.scheduled': {
    title: ({ trigger, effectiveAt }) =>
      `notice was given (${word(trigger)}): it ends on ${day(effectiveAt)}`,
  },
  'offboarding.notice_sent': {
    title: ({ daysLeft }) => `the admins were told that the tenant ends in ${inDays(daysLeft)}`,
  },
  'offboarding.cancelled': { title: () => 'the offboarding was taken back' },
  'onboarding_step.completed': { title: ({ step }) => `onboarding: ${word(step)} was done` },
  'onboarding_step.waived': { title: ({ step }) => `onboarding: ${word(step)} was waived` },
  'legal_hold.placed': { title: () => 'a legal hold was placed', internal: true },
  'legal_hold.released': { title: () => 'the legal hold was released', internal: true },
  'storage.damaged': {
    title: ({ files }) => `stored files were found missing or cut: ${String(files)}`,
    internal: true,
  },
  'purge.claimed': { title: () => 'the deletion of all data began', internal: true },
  'customer_record.updated': { title: () => 'the customer record was changed', internal: true },
  'task.created': { title: ({ kind }) => `a task was opened: ${word(kind)}`, internal: true },
  'task.completed': { title: ({ kind }) => `a task was done: ${word(kind)}`, internal: true },
  'task.escalated': {
    title: ({ kind }) => `an overdue task went to its backup: ${word(kind)}`,
    internal: true,
  },
  'approval.requested': { title: ({ action }) => `approval was asked for: ${word(action)}`, internal: true },
  'approval.approved': { title: ({ action }) => `it was approved: ${word(action)}`, internal: true },
  'approval.rejected': { title: ({ action }) => `it was not approved: ${word(action)}`, internal: true },
  'approval.expired': { title: ({ action }) => `nobody approved in time: ${word(action)}`, internal: true },
  'approval.glass_broken': {
    title: ({ action }) => `one person alone did it, in an emergency: ${word(action)}`,
    internal: true,
  },
};

/** The audit actions that a reader's timeline tells of. */
export function toldActions(audience: Audience): AuditAction[] {
  return Object.keys(told)
    .filter(isTold)
    .filter((action) => audience === 'operators' || !told[action]?.internal);
}

/** What happened, in a sentence. */
export function titleOfEvent(action: AuditAction, facts: Facts): string {
  return told[action]?.title(facts) ?? action;
}

function isTold(name: string): name is AuditAction {
  return Object.hasOwn(told, name);
}

function word(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('_', ' ') : 'unknown';
}

function inDays(value: unknown): string {
  return value === 1 ? '1 day' : `${String(value)} days`;
}

function day(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 10) : 'a later day';
}
