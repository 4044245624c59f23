import type { MailContent } from './mail-layout.ts';
import { commandOf, linesOf, type ToldTenant } from './operator-mails.ts';
import type { TenantFacts } from './tenant-mails.ts';

type Losses = {
  taken: number;
  people: number;
  /** When it began, for a reader, and as `directory.restoreSync` takes it. */
  began: string;
  since: string;
};

/** What is told of a directory that takes access from many people at once. */
export const directoryMails = {
  mass_deprovisioning: ({ tenantName, url, ...losses }: TenantFacts & Losses): MailContent => ({
    subject: `The directory of ${tenantName} has taken access from ${losses.taken} people`,
    paragraphs: [
      `Your identity provider has taken access from ${losses.taken} of ${losses.people} people since ${losses.began}. It was done at once, as asked: they are signed out.`,
      'If that is right, there is nothing to do. Whatever they had is kept.',
    ],
    steps: [
      'If it is not: stop provisioning in your identity provider first, or it will take them again.',
      `Then restore the sync since ${losses.since} (directory.restoreSync): it brings back exactly those whom the directory took, with their roles and groups.`,
    ],
    action: { label: `Open ${tenantName}`, url },
  }),
  mass_deprovisioning_alert: ({ tenant, ...losses }: Losses & { tenant: ToldTenant }): MailContent => ({
    subject: `The directory of ${tenant.name} has taken access from ${losses.taken} people`,
    paragraphs: [
      `The identity provider of ${tenant.name} has taken access from ${losses.taken} of ${losses.people} people since ${losses.began}. Ask its admins, who have been told, whether it was meant.`,
    ],
    facts: linesOf(tenant),
    commands: [
      commandOf('directory.restoreSync', { tenantId: tenant.id, since: losses.since, preview: true }),
    ],
  }),
};
