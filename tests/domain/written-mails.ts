import type { MailContent } from '../../src/domain/texts/mail-layout.ts';
import { mailContents, type MailName, mailNames } from '../../src/domain/texts/mails.ts';

/** Passes a fact on its way into a mail, as it is or made hostile. */
type Say = (word: string) => string;

/** A mail, and the facts it was given: it must name each. */
export type Said = { content: MailContent; facts: readonly string[] };

/** Text that would change the page, were it not escaped. */
export const hostile: Say = (word) => `<img src=x onerror="alert('${word}')">&amp;`;

/** Every mail there is, with each of its facts changed by `change`. */
export function writeMails(change: Say): Record<MailName, Said> {
  const written = mailNames.map((name): [MailName, Said] => {
    const facts: string[] = [];
    const content = mails[name]((word) => {
      facts.push(change(word));
      return change(word);
    });
    return [name, { content, facts }];
  });
  return Object.fromEntries(written) as Record<MailName, Said>;
}

const tenant = (say: Say) => ({ tenantName: say('Acme'), url: say('https://app.example/go?token=abc') });

const told = (say: Say) =>
  ({
    id: 'a-tenant-id',
    name: say('Acme'),
    slug: say('acme'),
    plan: 'enterprise',
    status: 'active',
  }) as const;

const suspension = (say: Say) =>
  ({
    ...tenant(say),
    cause: 'payment_failure',
    mode: 'read_only',
    note: say('invoice 7 is unpaid'),
    ownRequest: false,
    startsOn: say('24 December 2026 at 12:00 UTC'),
    endsOn: say('31 December 2026 at 12:00 UTC'),
    invoice: say('INV-7'),
  }) as const;

const offboarding = (say: Say) =>
  ({
    ...tenant(say),
    cause: 'contract_end',
    note: say('contract 9 ends'),
    endsOn: say('1 March 2027 at 09:00 UTC'),
    purgeOn: say('31 March 2027 at 09:00 UTC'),
  }) as const;

const losses = (say: Say) => ({
  taken: 12,
  people: 40,
  began: say('1 March 2027 at 09:00 UTC'),
  since: '2027-03-01T09:00:00.000Z',
});

const planChange = (say: Say) =>
  ({ ...tenant(say), plan: 'starter', to: 'free', on: say('1 March 2027 at 09:00 UTC') }) as const;

const approval = (say: Say) => ({
  tenant: told(say),
  approvalId: 'an-approval-id',
  action: 'offboarding.execute',
  input: { confirm: say('acme'), depth: { of: 1 } },
  by: say('ada@ops.example'),
  askedOn: say('1 March 2027 at 08:00 UTC'),
});

const waiting = (say: Say) => ({ ...approval(say), expiresOn: say('8 March 2027 at 08:00 UTC') });

const trial = (say: Say) => ({
  ...tenant(say),
  plan: 'professional' as const,
  endsOn: say('2 January 2027 at 10:00 UTC'),
});

const mails: Record<MailName, (say: Say) => MailContent> = {
  verify_email: (say) => mailContents.verify_email(tenant(say)),
  set_up_password: (say) => mailContents.set_up_password(tenant(say)),
  welcome: (say) => mailContents.welcome(tenant(say)),
  invitation: (say) => mailContents.invitation({ ...tenant(say), until: say('7 January 2027 at 10:00 UTC') }),
  reset_password: (say) => mailContents.reset_password({ url: say('https://app.example/reset') }),
  went_live: (say) => mailContents.went_live(tenant(say)),
  trial_notice: (say) => mailContents.trial_notice({ ...trial(say), daysLeft: 7 }),
  trial_started: (say) => mailContents.trial_started(trial(say)),
  trial_extended: (say) => mailContents.trial_extended(trial(say)),
  trial_used: (say) => mailContents.trial_used(tenant(say)),
  trial_ended: (say) => mailContents.trial_ended({ ...tenant(say), plan: 'free' }),
  inactivity_notice: (say) =>
    mailContents.inactivity_notice({
      ...tenant(say),
      daysLeft: 14,
      lastUsedOn: say('1 June 2026 at 10:00 UTC'),
      suspendsOn: say('1 December 2026 at 10:00 UTC'),
    }),
  mass_deprovisioning: (say) => mailContents.mass_deprovisioning({ ...tenant(say), ...losses(say) }),
  mass_deprovisioning_alert: (say) =>
    mailContents.mass_deprovisioning_alert({ tenant: told(say), ...losses(say) }),
  webhook_disabled: (say) =>
    mailContents.webhook_disabled({
      ...tenant(say),
      endpoint: say('hooks.acme.example'),
      reason: say('it answered 500'),
    }),
  scim_token_expiring: (say) =>
    mailContents.scim_token_expiring({
      ...tenant(say),
      label: say('Okta'),
      daysLeft: 7,
      expiresOn: say('3 January 2027 at 10:00 UTC'),
    }),
  purge_certificate: (say) => mailContents.purge_certificate(tenant(say)),
  plan_changed: (say) => mailContents.plan_changed({ ...tenant(say), plan: 'starter' }),
  plan_change_scheduled: (say) => mailContents.plan_change_scheduled(planChange(say)),
  plan_change_blocked: (say) =>
    mailContents.plan_change_blocked({ ...planChange(say), over: [['users', say('8 of 5')]] }),
  plan_request_decided: (say) =>
    mailContents.plan_request_decided({
      ...tenant(say),
      to: 'enterprise',
      granted: true,
      note: say('agreed'),
    }),
  overrides_ended: (say) => mailContents.overrides_ended({ ...tenant(say), plan: 'starter' }),
  plan_requested: (say) =>
    mailContents.plan_requested({
      tenant: told(say),
      requestId: 'a-request-id',
      wanted: 'enterprise',
      note: say('we have grown'),
    }),
  payment_failed: (say) =>
    mailContents.payment_failed({
      ...tenant(say),
      invoice: say('INV-7'),
      readOnlyOn: say('31 December 2026 at 12:00 UTC'),
      blockedOn: say('7 January 2027 at 12:00 UTC'),
      noticeOn: say('23 January 2027 at 12:00 UTC'),
    }),
  payment_received: (say) => mailContents.payment_received(tenant(say)),
  usage_notice: (say) =>
    mailContents.usage_notice({ ...tenant(say), limit: 'users', percent: 80, allowed: say('20') }),
  overage_started: (say) =>
    mailContents.overage_started({
      ...tenant(say),
      allowed: say('100'),
      admitted: say('105'),
      until: say('24 December 2026 at 12:00 UTC'),
    }),
  suspension_scheduled: (say) => mailContents.suspension_scheduled(suspension(say)),
  suspended: (say) =>
    mailContents.suspended({ ...suspension(say), others: ['security_incident'], modeNow: 'blocked' }),
  reinstated: (say) =>
    mailContents.reinstated({
      ...tenant(say),
      cause: 'payment_failure',
      liftNote: say('a wire was announced'),
      hadBegun: true,
      startsOn: '24 December 2026 at 12:00 UTC',
      promisedUntil: say('5 January 2027 at 12:00 UTC'),
      left: ['security_incident'],
      modeLeft: 'blocked',
    }),
  offboarding_scheduled: (say) => mailContents.offboarding_scheduled(offboarding(say)),
  offboarding_notice: (say) => mailContents.offboarding_notice({ ...offboarding(say), daysLeft: 7 }),
  offboarding_cancelled: (say) =>
    mailContents.offboarding_cancelled({ ...tenant(say), note: say('they signed again'), hadEnded: true }),
  offboarded: (say) =>
    mailContents.offboarded({
      tenantName: say('Acme'),
      endsOn: say('1 March 2027 at 09:00 UTC'),
      purgeOn: say('31 March 2027 at 09:00 UTC'),
    }),
  suspension_alert: (say) =>
    mailContents.suspension_alert({
      tenant: told(say),
      cause: 'security_incident',
      mode: 'blocked',
      note: say('keys were stolen'),
      by: say('ada@ops.example'),
      since: say('24 December 2026 at 12:00 UTC'),
      others: ['payment_failure'],
      endsOn: say('1 March 2027 at 09:00 UTC'),
    }),
  task_escalated: (say) =>
    mailContents.task_escalated({
      tenant: told(say),
      taskId: 'a-task-id',
      title: say('close open support tickets'),
      priority: 'P2',
      owner: 'customer_success',
      dueOn: say('20 December 2026 at 12:00 UTC'),
    }),
  approval_requested: (say) => mailContents.approval_requested(waiting(say)),
  approval_escalated: (say) => mailContents.approval_escalated(waiting(say)),
  glass_broken: (say) => mailContents.glass_broken({ ...approval(say), reason: say('data is leaking') }),
  operator_webhook_disabled: (say) =>
    mailContents.operator_webhook_disabled({
      endpoint: say('hooks.ops.example'),
      reason: say('it gave no answer'),
    }),
};
