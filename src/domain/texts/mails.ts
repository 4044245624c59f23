/** What the worker needs to write a mail: who and which, never a secret (tokens are made when it is sent). */
export type MailRequest =
  | { mail: 'reset_password'; personId: string }
  | { mail: 'verify_email'; tenantId: string; userId: string }
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
  | { mail: 'trial_ended' }
  | { mail: 'suspension_scheduled'; suspensionId: string }
  | { mail: 'suspended'; suspensionId: string }
  | { mail: 'reinstated'; suspensionId: string }
  | { mail: 'offboarding_scheduled'; offboardingId: string }
  | { mail: 'offboarding_notice'; offboardingId: string; daysLeft: number }
  | { mail: 'offboarding_cancelled'; offboardingId: string }
  | { mail: 'offboarded'; offboardingId: string }
  | { mail: 'inactivity_notice'; daysLeft: number }
  | { mail: 'webhook_disabled'; endpointId: string };

/** What an operator is told; `tenantId` is that of none where it concerns none. */
export type OperatorNotice = {
  tenantId: string;
  notificationId: string;
  operatorId: string;
} & OperatorNoticeContent;
export type OperatorNoticeContent =
  | { mail: 'suspension_alert'; suspensionId: string }
  | { mail: 'task_escalated'; taskId: string }
  | { mail: 'approval_requested'; approvalId: string }
  | { mail: 'approval_escalated'; approvalId: string }
  | { mail: 'glass_broken'; approvalId: string }
  | { mail: 'operator_webhook_disabled'; endpointId: string };
export type MailName = MailRequest['mail'];

/** A mail's content before it is laid out: one subject, paragraphs, at most one link to act on. */
export type MailContent = {
  subject: string;
  paragraphs: readonly string[];
  action?: { label: string; url: string };
};

/** Facts that a mail may name. */
export type MailFacts = {
  name: string | null;
  tenantName: string;
  /** Where the reader can act; empty when the mail asks for nothing. */
  url: string;
  /** A date or mode that the mail is about. */
  when: string;
  note: string;
  mode: string;
  daysLeft: number;
};

/** What each mail says. */
export const mailContents: Record<MailName, (facts: MailFacts) => MailContent> = {
  verify_email: ({ tenantName, url }) => ({
    subject: `Confirm your e-mail address for ${tenantName}`,
    paragraphs: [
      `You (or somebody with your address) registered ${tenantName}. Confirm that this address is yours.`,
      'The link works for 24 hours. If it was not you, ignore this mail: nothing happens.',
    ],
    action: { label: 'Confirm e-mail address', url },
  }),
  welcome: ({ tenantName, url }) => ({
    subject: `Welcome to ${tenantName}`,
    paragraphs: [
      `Your address is confirmed and ${tenantName} is ready.`,
      'First steps: create a project, then invite the people you work with.',
    ],
    action: { label: 'Open', url },
  }),
  invitation: ({ tenantName, url, when }) => ({
    subject: `You are invited to ${tenantName}`,
    paragraphs: [`You are invited to join ${tenantName}.`, `The invitation is open until ${when}.`],
    action: { label: 'Accept the invitation', url },
  }),
  reset_password: ({ url }) => ({
    subject: 'Choose a new password',
    paragraphs: [
      'Somebody asked for a new password for this address.',
      'The link works for 30 minutes, once. If it was not you, ignore this mail: your password stays.',
    ],
    action: { label: 'Choose a new password', url },
  }),
  went_live: ({ tenantName, url }) => ({
    subject: `${tenantName} is live`,
    paragraphs: [`${tenantName} is live: everybody in it can sign in now.`],
    action: { label: 'Open', url },
  }),
  trial_notice: ({ tenantName, daysLeft, when, url }) => ({
    subject: `The trial of ${tenantName} ends in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`,
    paragraphs: [
      `The trial of ${tenantName} ends on ${when}.`,
      'After that it goes on with the free plan. Nothing is deleted.',
    ],
    action: { label: 'Open', url },
  }),
  trial_ended: ({ tenantName, url }) => ({
    subject: `The trial of ${tenantName} has ended`,
    paragraphs: [`The trial of ${tenantName} has ended. It goes on with the free plan. Nothing is deleted.`],
    action: { label: 'Open', url },
  }),
  suspension_scheduled: ({ tenantName, when, note }) => ({
    subject: `${tenantName} will be suspended on ${when}`,
    paragraphs: [`${tenantName} will be suspended on ${when}.`, `Reason: ${note}`],
  }),
  suspended: ({ tenantName, mode, note }) => ({
    subject: `${tenantName} has been suspended`,
    paragraphs: [
      mode === 'blocked'
        ? `${tenantName} has been suspended and is closed until this is resolved.`
        : `${tenantName} has been suspended: everything can be read, nothing can be changed.`,
      `Reason: ${note}`,
      'Answer this mail or contact support to resolve it. Your data stays as it is.',
    ],
  }),
  reinstated: ({ tenantName, url }) => ({
    subject: `${tenantName} has been reinstated`,
    paragraphs: [`A suspension of ${tenantName} has been lifted. Thank you.`],
    action: { label: 'Open', url },
  }),
  offboarding_scheduled: ({ tenantName, when, note }) => ({
    subject: `${tenantName} ends on ${when}`,
    paragraphs: [`${tenantName} ends on ${when}.`, `Reason: ${note}`],
  }),
  offboarding_notice: ({ tenantName, when, daysLeft }) => ({
    subject: `${tenantName} ends in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`,
    paragraphs: [`${tenantName} ends on ${when}.`],
  }),
  offboarding_cancelled: ({ tenantName, url }) => ({
    subject: `${tenantName} stays`,
    paragraphs: [`The offboarding of ${tenantName} has been taken back.`],
    action: { label: 'Open', url },
  }),
  offboarded: ({ tenantName, when }) => ({
    subject: `${tenantName} has ended`,
    paragraphs: [`${tenantName} has ended. Its data is deleted after ${when}.`],
  }),
  inactivity_notice: ({ tenantName, daysLeft, url }) => ({
    subject: `${tenantName} will be suspended in ${daysLeft} days`,
    paragraphs: [`Nobody has used ${tenantName} for long. Sign in to keep it as it is.`],
    action: { label: 'Open', url },
  }),
  webhook_disabled: ({ tenantName, note }) => ({
    subject: `A webhook endpoint of ${tenantName} has been switched off`,
    paragraphs: [`Nothing could be delivered to ${note}.`],
  }),
  suspension_alert: ({ tenantName, note }) => ({
    subject: `Review now: ${tenantName} has been suspended`,
    paragraphs: [`${tenantName} has been suspended: ${note}`],
  }),
  task_escalated: ({ tenantName, note }) => ({
    subject: `Overdue: ${note} (${tenantName})`,
    paragraphs: [`This has been overdue for two days and is yours now, as the backup: ${note}.`],
  }),
  approval_requested: ({ tenantName, note }) => ({
    subject: `Approval asked for: ${note}`,
    paragraphs: [`${note} of ${tenantName} waits for a second person.`],
  }),
  approval_escalated: ({ tenantName, note }) => ({
    subject: `Approval overdue: ${note}`,
    paragraphs: [`${note} of ${tenantName} has waited for two days.`],
  }),
  glass_broken: ({ tenantName, note }) => ({
    subject: `Break-glass: ${note}`,
    paragraphs: [`${note} of ${tenantName} was run by one person alone.`],
  }),
  operator_webhook_disabled: ({ note }) => ({
    subject: 'A webhook endpoint has been switched off',
    paragraphs: [`Nothing could be delivered to ${note}.`],
  }),
  purge_certificate: ({ tenantName, url }) => ({
    subject: `Certificate of deletion of ${tenantName}`,
    paragraphs: ['All data has been deleted. This is the proof.'],
    action: { label: 'See the certificate', url },
  }),
};
