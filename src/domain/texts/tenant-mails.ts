import type { Plan } from '../plans/catalogue.ts';
import type { MailContent } from './mail-layout.ts';
import { writeDays } from './moments.ts';

/** Whose tenant it is, and where it is opened. */
export type TenantFacts = { tenantName: string; url: string };

type TrialFacts = TenantFacts & { plan: Plan; endsOn: string };

/** What a tenant's admins are told of its life, but for suspension and offboarding. */
export const tenantMails = {
  went_live: ({ tenantName, url }: TenantFacts): MailContent => ({
    subject: `${tenantName} is live`,
    paragraphs: [`${tenantName} is live: everybody in it can sign in now.`],
    steps: ['Tell the people you work with that they can begin.'],
    action: { label: `Open ${tenantName}`, url },
  }),
  trial_notice: ({
    tenantName,
    url,
    daysLeft,
    plan,
    endsOn,
  }: TenantFacts & { daysLeft: number; plan: Plan; endsOn: string }): MailContent => ({
    subject: `The trial of ${tenantName} ends in ${writeDays(daysLeft)}`,
    paragraphs: [
      `The trial of the ${plan} plan of ${tenantName} ends on ${endsOn}.`,
      'After that it goes on with the free plan and its limits. Nothing is deleted.',
    ],
    steps: [`Choose a plan before then, and ${tenantName} keeps what it can do now.`],
    action: { label: `Open ${tenantName}`, url },
  }),
  trial_started: ({ tenantName, url, plan, endsOn }: TrialFacts): MailContent => ({
    subject: `${tenantName} tries the ${plan} plan`,
    paragraphs: [`${tenantName} has the ${plan} plan on trial until ${endsOn}. It costs nothing.`],
    steps: [`Choose a plan before then, and ${tenantName} keeps what it can do now.`],
    action: { label: `Open ${tenantName}`, url },
  }),
  trial_extended: ({ tenantName, url, plan, endsOn }: TrialFacts): MailContent => ({
    subject: `The trial of ${tenantName} goes on longer`,
    paragraphs: [`The trial of the ${plan} plan of ${tenantName} has been extended until ${endsOn}.`],
    action: { label: `Open ${tenantName}`, url },
  }),
  trial_used: ({ tenantName, url }: TenantFacts): MailContent => ({
    subject: `The trial of ${tenantName} ends now`,
    paragraphs: [
      `Your company has had a trial before, in another place of ours: each has one. The trial of ${tenantName} ends now.`,
      'It goes on with the free plan and its limits. Nothing was deleted.',
    ],
    steps: ['Choose a plan to have more again, or ask us for another trial.'],
    action: { label: `Open ${tenantName}`, url },
  }),
  trial_ended: ({ tenantName, url, plan }: TenantFacts & { plan: Plan }): MailContent => ({
    subject: `The trial of ${tenantName} has ended`,
    paragraphs: [
      `The trial of ${tenantName} has ended. It goes on with the ${plan} plan and its limits. Nothing was deleted.`,
    ],
    steps: ['Choose a plan to have more again.'],
    action: { label: `Open ${tenantName}`, url },
  }),
  inactivity_notice: ({
    tenantName,
    url,
    daysLeft,
    lastUsedOn,
    suspendsOn,
  }: TenantFacts & { daysLeft: number; lastUsedOn: string; suspendsOn: string }): MailContent => ({
    subject: `Nobody uses ${tenantName}: it will be suspended in ${writeDays(daysLeft)}`,
    paragraphs: [
      `Nobody has used ${tenantName} since ${lastUsedOn}. On ${suspendsOn} it will be suspended: everything can be read then, and nothing changed.`,
      'Nothing is deleted.',
    ],
    steps: [`Sign in before then, and ${tenantName} stays as it is.`],
    action: { label: `Open ${tenantName}`, url },
  }),
  webhook_disabled: ({
    tenantName,
    url,
    endpoint,
    reason,
  }: TenantFacts & { endpoint: string; reason: string }): MailContent => ({
    subject: `A webhook endpoint of ${tenantName} has been switched off`,
    paragraphs: [
      `Events of ${tenantName} could not be delivered to one of its endpoints. It gets none any more.`,
    ],
    facts: [
      ['Endpoint', endpoint],
      ['Reason', reason],
    ],
    steps: [
      'See in the list of deliveries what was answered, and mend the receiver.',
      'Switch the endpoint on again, and have what it missed delivered anew.',
    ],
    action: { label: `Open ${tenantName}`, url },
  }),
  scim_token_expiring: ({
    tenantName,
    url,
    label,
    daysLeft,
    expiresOn,
  }: TenantFacts & { label: string; daysLeft: number; expiresOn: string }): MailContent => ({
    subject: `A token of the directory of ${tenantName} expires in ${writeDays(daysLeft)}`,
    paragraphs: [
      `The token “${label}”, by which your identity provider tells ${tenantName} who belongs to it, expires on ${expiresOn}.`,
      'From then on nobody new is let in by it, and nobody who leaves is locked out.',
    ],
    steps: [
      'Rotate the token: you get a new one, and the old one works for another day.',
      'Give the new one to your identity provider, and test the connection there.',
    ],
    action: { label: `Open ${tenantName}`, url },
  }),
  purge_certificate: ({ tenantName, url }: TenantFacts): MailContent => ({
    subject: `Certificate of deletion of ${tenantName}`,
    paragraphs: [
      `All data of ${tenantName} has been deleted. The certificate says what, when, and which backups may still hold some until when.`,
      'It is signed and can be checked without us. Keep it: this address was kept for this mail alone.',
    ],
    action: { label: 'See the certificate', url },
  }),
};
