import type { MailContent } from './mail-layout.ts';

/** What people are told about their way into a tenant. */
export const accessMails = {
  verify_email: ({ tenantName, url }: { tenantName: string; url: string }): MailContent => ({
    subject: `Confirm your e-mail address for ${tenantName}`,
    paragraphs: [
      `You (or somebody with your address) registered ${tenantName}. Confirm that this address is yours.`,
      'The link works for 24 hours. If it was not you, ignore this mail: nothing happens.',
    ],
    action: { label: 'Confirm e-mail address', url },
  }),
  welcome: ({ tenantName, url }: { tenantName: string; url: string }): MailContent => ({
    subject: `Welcome to ${tenantName}`,
    paragraphs: [
      `Your address is confirmed and ${tenantName} is ready.`,
      'First steps: create a project, then invite the people you work with.',
    ],
    action: { label: 'Open', url },
  }),
  invitation: ({
    tenantName,
    url,
    until,
  }: {
    tenantName: string;
    url: string;
    until: string;
  }): MailContent => ({
    subject: `You are invited to ${tenantName}`,
    paragraphs: [
      `You are invited to join ${tenantName}.`,
      `The invitation is open until ${until}. If you do not know what it is about, ignore this mail: nothing happens.`,
    ],
    action: { label: 'Accept the invitation', url },
  }),
  set_up_password: ({ tenantName, url }: { tenantName: string; url: string }): MailContent => ({
    subject: `Choose a password for ${tenantName}`,
    paragraphs: [
      `The plan of ${tenantName} has no single sign-on any more. Choose a password, and sign in with it and this address.`,
      'The link works for 7 days, once. Whoever is signed in stays so.',
    ],
    action: { label: 'Choose a password', url },
  }),
  reset_password: ({ url }: { url: string }): MailContent => ({
    subject: 'Choose a new password',
    paragraphs: [
      'Somebody asked for a new password for this address.',
      'The link works for 30 minutes, once. If it was not you, ignore this mail: your password stays.',
    ],
    action: { label: 'Choose a new password', url },
  }),
};
