import type { MailContent } from './mail-layout.ts';
import type { TenantFacts } from './tenant-mails.ts';

/** A payment that is missing; the moments are those of what comes next, `null` where it has come. */
export type UnpaidFacts = TenantFacts & {
  invoice: string | null;
  readOnlyOn: string | null;
  blockedOn: string | null;
  noticeOn: string | null;
};

/** What a tenant's admins are told of its payments. */
export const billingMails = {
  payment_failed: (facts: UnpaidFacts): MailContent => {
    const { tenantName, url, invoice, readOnlyOn, blockedOn, noticeOn } = facts;
    const what = invoice ? `Invoice ${invoice} of ${tenantName}` : `A payment of ${tenantName}`;
    return {
      subject: `A payment of ${tenantName} is missing`,
      paragraphs: [
        `${what} could not be collected.`,
        ...(readOnlyOn ? [] : [`${tenantName} can only be read until it is paid.`]),
        'Nothing is deleted, and as soon as it is paid everything is as it was.',
      ],
      facts: [
        ...fact('Suspended, read-only, on', readOnlyOn),
        ...fact('Suspended for all on', blockedOn),
        ...fact('Notice is given on', noticeOn),
      ],
      steps: ['Check the means of payment, or pay the invoice.'],
      action: { label: `Open ${tenantName}`, url },
    };
  },
  payment_received: ({ tenantName, url }: TenantFacts): MailContent => ({
    subject: `Thank you: the payment of ${tenantName} has come`,
    paragraphs: [`The payment of ${tenantName} has come. What was suspended because of it is open again.`],
    action: { label: `Open ${tenantName}`, url },
  }),
};

function fact(name: string, moment: string | null): [string, string][] {
  return moment === null ? [] : [[name, moment]];
}
