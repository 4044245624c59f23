import type { Plan } from '../plans/catalogue.ts';
import type { MailContent, MailFact } from './mail-layout.ts';
import type { TenantFacts } from './tenant-mails.ts';

type PlanFacts = TenantFacts & { plan: Plan };
type ScheduledFacts = PlanFacts & { to: Plan; on: string };

const restores = 'Nothing was deleted: whoever comes back to a larger plan finds all as it was.';

/** What a tenant's admins are told of its plan. */
export const planChangeMails = {
  plan_changed: ({ tenantName, url, plan }: PlanFacts): MailContent => ({
    subject: `${tenantName} is on the ${plan} plan now`,
    paragraphs: [`${tenantName} is on the ${plan} plan now, with its limits and features.`, restores],
    action: { label: `Open ${tenantName}`, url },
  }),
  plan_change_scheduled: ({ tenantName, url, plan, to, on }: ScheduledFacts): MailContent => ({
    subject: `${tenantName} goes to the ${to} plan on ${on}`,
    paragraphs: [
      `${tenantName} stays on the ${plan} plan until ${on}, and is on the ${to} plan from then on.`,
    ],
    steps: ['This can be taken back until then.'],
    action: { label: `Open ${tenantName}`, url },
  }),
  plan_change_blocked: (facts: ScheduledFacts & { over: readonly MailFact[] }): MailContent => ({
    subject: `${facts.tenantName} could not go to the ${facts.to} plan`,
    paragraphs: [
      `${facts.tenantName} was to go to the ${facts.to} plan on ${facts.on}, and uses more than that plan allows. It stays on the ${facts.plan} plan, and the change is tried again every day for a week.`,
    ],
    facts: [...facts.over],
    steps: ['Reduce what is over, or take the change back.'],
    action: { label: `Open ${facts.tenantName}`, url: facts.url },
  }),
  plan_request_decided: (facts: TenantFacts & { to: Plan; granted: boolean; note: string }): MailContent => ({
    subject: `Your request for the ${facts.to} plan was ${facts.granted ? 'granted' : 'turned down'}`,
    paragraphs: [
      facts.granted
        ? `${facts.tenantName} is on the ${facts.to} plan now.`
        : `${facts.tenantName} stays on the plan it is on.`,
    ],
    facts: [['Our note', facts.note]],
    action: { label: `Open ${facts.tenantName}`, url: facts.url },
  }),
  overrides_ended: ({ tenantName, url, plan }: PlanFacts): MailContent => ({
    subject: `What was agreed for ${tenantName} has ended`,
    paragraphs: [
      `What was agreed for ${tenantName} beside its plan has come to its end: the limits and features of the ${plan} plan count again.`,
      restores,
    ],
    action: { label: `Open ${tenantName}`, url },
  }),
};
