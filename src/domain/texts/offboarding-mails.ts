import type { OffboardingTrigger } from '../lifecycle/offboarding.ts';
import type { MailContent } from './mail-layout.ts';
import { writeDays } from './moments.ts';
import type { TenantFacts } from './tenant-mails.ts';

/** A tenant's leave as its mails tell of it. */
export type OffboardingFacts = TenantFacts & {
  cause: OffboardingTrigger;
  note: string;
  endsOn: string;
  /** Until when the data is kept after the end. */
  purgeOn: string;
};

const causes: Record<OffboardingTrigger, string> = {
  customer_request: 'it was asked for',
  contract_end: 'its contract ends',
  non_payment: 'it has not been paid for long',
  terms_violation: 'the terms of service were violated',
};

/** What a tenant's admins are told of its leave. */
export const offboardingMails = {
  offboarding_scheduled: (facts: OffboardingFacts): MailContent => ({
    subject: `${facts.tenantName} ends on ${facts.endsOn}`,
    ...notice(facts),
  }),
  offboarding_notice: (facts: OffboardingFacts & { daysLeft: number }): MailContent => ({
    subject: `${facts.tenantName} ends in ${writeDays(facts.daysLeft)}`,
    ...notice(facts),
  }),
  offboarding_cancelled: ({
    tenantName,
    url,
    note,
    hadEnded,
  }: TenantFacts & { note: string; hadEnded: boolean }): MailContent => ({
    subject: `${tenantName} stays`,
    paragraphs: [
      `The offboarding of ${tenantName} has been taken back: it is what it was before.`,
      ...(hadEnded
        ? ['Who was signed out signs in anew. Tokens, single sign-on and invitations that ended stay ended.']
        : []),
    ],
    facts: [['Note', note]],
    ...(hadEnded
      ? {
          steps: [
            'Make new SCIM tokens, switch single sign-on on again, and invite anew whom you had invited.',
          ],
        }
      : {}),
    action: { label: `Open ${tenantName}`, url },
  }),
  offboarded: ({
    tenantName,
    endsOn,
    purgeOn,
  }: Omit<OffboardingFacts, 'url' | 'cause' | 'note'>): MailContent => ({
    subject: `${tenantName} has ended`,
    paragraphs: [
      `${tenantName} ended on ${endsOn}. Nobody can sign in any more; single sign-on, SCIM and API access have ended with it.`,
      `Its data is kept until ${purgeOn}. After that it is deleted for good, and the owners get a certificate of deletion by mail.`,
    ],
    facts: [
      ['Ended on', endsOn],
      ['Data kept until', purgeOn],
    ],
    steps: [
      `To have the data, an owner writes to support before ${purgeOn}: our operators export it on request.`,
      `If it was a mistake, write to support before ${purgeOn}: it can be taken back until then.`,
    ],
  }),
};

function notice({
  tenantName,
  url,
  cause,
  note,
  endsOn,
  purgeOn,
}: OffboardingFacts): Omit<MailContent, 'subject'> {
  return {
    paragraphs: [
      `${tenantName} ends on ${endsOn}, because ${causes[cause]}. Until then nothing changes: what works now goes on working.`,
      `After that nobody can sign in. The data is kept until ${purgeOn}, and then deleted for good.`,
    ],
    facts: [
      ['Ends on', endsOn],
      ['Reason', note],
      ['Data kept until', purgeOn],
    ],
    steps: [
      `Export the data until ${endsOn}: an owner signs in and asks for an export. After that, until ${purgeOn}, our operators export it when an owner asks support.`,
      cause === 'customer_request'
        ? 'To keep it, an owner signs in and cancels the offboarding before the end; later only support can.'
        : 'To keep it, write to support: only we can take this back.',
    ],
    action: { label: `Open ${tenantName}`, url },
  };
}
