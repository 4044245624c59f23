import type { LimitName } from '../plans/catalogue.ts';
import type { MailContent } from './mail-layout.ts';
import type { TenantFacts } from './tenant-mails.ts';

const words: Readonly<Record<LimitName, string>> = {
  users: 'users, open invitations among them',
  projects: 'projects',
  storageBytes: 'bytes of files',
  apiCalls: 'API calls in 15 minutes',
};

/** What a tenant's admins are told of what its plan allows. */
export const planMails = {
  usage_notice: ({
    tenantName,
    url,
    limit,
    percent,
    allowed,
  }: TenantFacts & { limit: LimitName; percent: number; allowed: string }): MailContent => ({
    subject: `${tenantName} uses ${percent} % of what its plan allows`,
    paragraphs: [
      `${tenantName} has come to ${percent} % of its limit of ${allowed} ${words[limit]}.`,
      percent < 100
        ? 'Everything goes on. At the limit nothing more can be added.'
        : 'Nothing more can be added until something is taken away, or the plan is a larger one. What is there stays.',
    ],
    steps: ['Take away what is not needed any more, or choose a larger plan.'],
    action: { label: `Open ${tenantName}`, url },
  }),
  overage_started: ({
    tenantName,
    url,
    allowed,
    admitted,
    until,
  }: TenantFacts & { allowed: string; admitted: string; until: string }): MailContent => ({
    subject: `${tenantName} has more users than were agreed`,
    paragraphs: [
      `${tenantName} has gone above its ${allowed} users. Up to ${admitted} are let in until ${until}.`,
      'After that nobody more is let in until it is back at its limit. Nobody loses access.',
    ],
    steps: ['Deactivate who is not there any more, or agree on more users with us.'],
    action: { label: `Open ${tenantName}`, url },
  }),
};
