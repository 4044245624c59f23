import type { MailSender } from '../../domain/texts/mail-layout.ts';

/** Where links of mails lead, and who stands behind them. */
export type MailPlaces = MailSender & {
  /** The link of an action, with its token if it has one. */
  link(
    action: 'verify-email' | 'reset-password' | 'accept-invitation' | 'open' | 'certificates',
    token?: string,
  ): string;
};

/** A mail that is ready to go, or why it does not go any more. */
export type Writing = WrittenMail | { withheld: string };
export type WrittenMail = { to: string; subject: string; text: string; html: string };
