import type { LimitName } from '../plans/catalogue.ts';
import { accessMails } from './access-mails.ts';
import { billingMails } from './billing-mails.ts';
import { directoryMails } from './directory-mails.ts';
import type { MailContent } from './mail-layout.ts';
import { offboardingMails } from './offboarding-mails.ts';
import { operatorMails } from './operator-mails.ts';
import { planMails } from './plan-mails.ts';
import { planChangeMails } from './plan-change-mails.ts';
import { suspensionMails } from './suspension-mails.ts';
import { tenantMails } from './tenant-mails.ts';

/** What the worker needs to write a mail: who and which, never a secret (tokens are made when it is sent). */
export type MailRequest =
  | { mail: 'reset_password'; personId: string }
  | { mail: 'verify_email'; tenantId: string; userId: string }
  | { mail: 'set_up_password'; tenantId: string; userId: string }
  | { mail: 'welcome'; tenantId: string; userId: string }
  | { mail: 'invitation'; tenantId: string; invitationId: string }
  | Notice
  | OperatorNotice
  | { mail: 'purge_certificate'; tombstoneId: string; recipient: number };

/** What a tenant's admins are told; also the invited first one, who has no user yet. */
export type Notice = { tenantId: string; notificationId: string } & (
  | { userId: string }
  | { invitationId: string }
) &
  NoticeContent;
export type NoticeContent =
  | { mail: 'went_live' }
  | { mail: 'trial_notice'; daysLeft: number }
  | { mail: 'trial_started' }
  | { mail: 'trial_extended' }
  | { mail: 'trial_used' }
  | { mail: 'trial_ended' }
  | { mail: 'suspension_scheduled'; suspensionId: string }
  | { mail: 'suspended'; suspensionId: string }
  | { mail: 'reinstated'; suspensionId: string }
  | { mail: 'offboarding_scheduled'; offboardingId: string }
  | { mail: 'offboarding_notice'; offboardingId: string; daysLeft: number }
  | { mail: 'offboarding_cancelled'; offboardingId: string }
  | { mail: 'offboarded'; offboardingId: string }
  | { mail: 'inactivity_notice'; daysLeft: number }
  | { mail: 'webhook_disabled'; endpointId: string }
  | { mail: 'scim_token_expiring'; tokenId: string; daysLeft: number }
  | { mail: 'mass_deprovisioning'; alarmId: string }
  | { mail: 'payment_failed'; step: number }
  | { mail: 'payment_received' }
  | { mail: 'usage_notice'; limit: LimitName; percent: number }
  | { mail: 'overage_started' }
  | { mail: 'plan_changed' }
  | { mail: 'plan_change_scheduled' }
  | { mail: 'plan_change_blocked' }
  | { mail: 'plan_request_decided'; requestId: string }
  | { mail: 'overrides_ended' };

/** What an operator is told; `tenantId` is that of none where it concerns none. */
export type OperatorNotice = {
  tenantId: string;
  notificationId: string;
  operatorId: string;
} & OperatorNoticeContent;
export type OperatorNoticeContent =
  | { mail: 'suspension_alert'; suspensionId: string }
  | { mail: 'task_escalated'; taskId: string }
  | { mail: 'mass_deprovisioning_alert'; alarmId: string }
  | { mail: 'plan_requested'; requestId: string }
  | { mail: 'approval_requested'; approvalId: string }
  | { mail: 'approval_escalated'; approvalId: string }
  | { mail: 'glass_broken'; approvalId: string }
  | { mail: 'operator_webhook_disabled'; endpointId: string };
export type MailName = MailRequest['mail'];

/** What each mail says. */
export const mailContents = {
  ...accessMails,
  ...billingMails,
  ...planMails,
  ...planChangeMails,
  ...tenantMails,
  ...directoryMails,
  ...suspensionMails,
  ...offboardingMails,
  ...operatorMails,
} satisfies Record<MailName, (facts: never) => MailContent>;

/** The names of all mails. */
export const mailNames = Object.keys(mailContents).filter((name): name is MailName =>
  Object.hasOwn(mailContents, name),
);
