import type { TenantStatus } from './lifecycle/status.ts';
import type { MailName } from './texts/mails.ts';

/** How a tenant stands when a mail about it is due: its status, its purge being claimed, or no tenant any more. */
export const standings = [
  'onboarding',
  'trial',
  'active',
  'suspended',
  'offboarded',
  'purging',
  'gone',
] as const;
export type Standing = TenantStatus | 'purging' | 'gone';

/** Until when a mail that waits is still worth sending. */
type Lasts = 'while_it_lives' | 'until_its_purge' | 'always';

/**
 * A mail that waited finds its tenant elsewhere: one that has ended gets what is about its end, one whose purge has
 * begun nothing but the proof of it. Operators hear of a tenant as long as there is one.
 */
const lasts: Record<MailName, Lasts> = {
  verify_email: 'while_it_lives',
  set_up_password: 'while_it_lives',
  welcome: 'while_it_lives',
  invitation: 'while_it_lives',
  reset_password: 'always',
  went_live: 'while_it_lives',
  trial_notice: 'while_it_lives',
  trial_ended: 'while_it_lives',
  trial_started: 'while_it_lives',
  trial_extended: 'while_it_lives',
  trial_used: 'while_it_lives',
  suspension_scheduled: 'while_it_lives',
  suspended: 'while_it_lives',
  reinstated: 'while_it_lives',
  offboarding_scheduled: 'while_it_lives',
  offboarding_notice: 'while_it_lives',
  offboarding_cancelled: 'until_its_purge',
  offboarded: 'until_its_purge',
  inactivity_notice: 'while_it_lives',
  webhook_disabled: 'while_it_lives',
  scim_token_expiring: 'while_it_lives',
  mass_deprovisioning: 'while_it_lives',
  payment_failed: 'while_it_lives',
  plan_changed: 'while_it_lives',
  plan_change_scheduled: 'while_it_lives',
  plan_change_blocked: 'while_it_lives',
  plan_request_decided: 'while_it_lives',
  overrides_ended: 'while_it_lives',
  payment_received: 'while_it_lives',
  usage_notice: 'while_it_lives',
  overage_started: 'while_it_lives',
  suspension_alert: 'until_its_purge',
  mass_deprovisioning_alert: 'while_it_lives',
  task_escalated: 'until_its_purge',
  approval_requested: 'until_its_purge',
  approval_escalated: 'until_its_purge',
  glass_broken: 'until_its_purge',
  operator_webhook_disabled: 'always',
  plan_requested: 'while_it_lives',
  purge_certificate: 'always',
};

/** Whether a mail that waited is still sent, as its tenant stands now. */
export function isStillSent(mail: MailName, standing: Standing): boolean {
  if (lasts[mail] === 'always') return true;
  if (standing === 'purging' || standing === 'gone') return false;
  return lasts[mail] === 'until_its_purge' || standing !== 'offboarded';
}
