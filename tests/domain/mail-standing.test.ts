import { describe, expect, test } from 'vitest';
import { isStillSent, standings } from '../../src/domain/mail-standing.ts';
import { type MailName, mailNames } from '../../src/domain/texts/mails.ts';

const alive = ['onboarding', 'trial', 'active', 'suspended'] as const;
const untilThePurge = [...alive, 'offboarded'] as const;

/** How a tenant must stand for each mail that waited to be sent. */
const sentAt: Record<MailName, readonly (typeof standings)[number][]> = {
  verify_email: alive,
  set_up_password: alive,
  welcome: alive,
  invitation: alive,
  went_live: alive,
  trial_notice: alive,
  trial_ended: alive,
  trial_started: alive,
  trial_extended: alive,
  trial_used: alive,
  suspension_scheduled: alive,
  suspended: alive,
  reinstated: alive,
  inactivity_notice: alive,
  webhook_disabled: alive,
  mass_deprovisioning: alive,
  mass_deprovisioning_alert: alive,
  scim_token_expiring: alive,
  payment_failed: alive,
  plan_changed: alive,
  plan_change_scheduled: alive,
  plan_change_blocked: alive,
  plan_request_decided: alive,
  overrides_ended: alive,
  plan_requested: alive,
  payment_received: alive,
  usage_notice: alive,
  overage_started: alive,
  offboarding_scheduled: alive,
  offboarding_notice: alive,
  offboarding_cancelled: untilThePurge,
  offboarded: untilThePurge,
  suspension_alert: untilThePurge,
  task_escalated: untilThePurge,
  approval_requested: untilThePurge,
  approval_escalated: untilThePurge,
  glass_broken: untilThePurge,
  // These concern no tenant, or prove that one is gone.
  operator_webhook_disabled: standings,
  reset_password: standings,
  purge_certificate: standings,
};

describe.each(mailNames)('the mail %s', (mail) => {
  test.each(standings)('that waited is sent, or not, when the tenant is %s', (standing) => {
    expect(isStillSent(mail, standing)).toBe(sentAt[mail].includes(standing));
  });
});
