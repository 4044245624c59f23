import type { OperatorRole } from '../actors.ts';
import type { Plan } from '../plans/catalogue.ts';
import type { Priority } from '../lifecycle/priorities.ts';
import type { SuspensionMode, TenantStatus } from '../lifecycle/status.ts';
import type { SuspensionTrigger } from '../lifecycle/suspensions.ts';
import type { MailContent, MailFact } from './mail-layout.ts';
import { writeMode } from './suspension-mails.ts';

/** The tenant that operators are told about. */
export type ToldTenant = { id: string; name: string; slug: string; plan: Plan; status: TenantStatus };

type PlanRequestFacts = { tenant: ToldTenant; requestId: string; wanted: Plan; note: string | null };

export type SuspensionAlertFacts = {
  tenant: ToldTenant;
  cause: SuspensionTrigger;
  mode: SuspensionMode;
  note: string;
  /** Who raised it, in words. */
  by: string;
  since: string;
  /** What else it is suspended for. */
  others: readonly SuspensionTrigger[];
  /** When it ends, where it is on notice. */
  endsOn: string | null;
};

export type TaskFacts = {
  tenant: ToldTenant;
  taskId: string;
  title: string;
  priority: Priority;
  owner: OperatorRole;
  dueOn: string;
};

export type ApprovalFacts = {
  /** `null` where it concerns none. */
  tenant: ToldTenant | null;
  approvalId: string;
  /** The procedure that runs, such as `offboarding.purge`. */
  action: string;
  /** What it runs with, exactly. */
  input: Readonly<Record<string, unknown>>;
  by: string;
  askedOn: string;
  expiresOn: string;
};

/** What operators are told. */
export const operatorMails = {
  suspension_alert: ({ tenant, ...facts }: SuspensionAlertFacts): MailContent => ({
    subject: `P0, review now: ${tenant.name} has been suspended (${facts.cause})`,
    paragraphs: [
      `${tenant.name} has been suspended for ${facts.cause}. This is P0: review it at once, and resolve its cause.`,
    ],
    facts: [
      ...linesOf(tenant),
      ['Cause', facts.cause],
      ['Mode', writeMode(facts.mode)],
      ['Reason', facts.note],
      ['By', facts.by],
      ['Since', facts.since],
      ...(facts.others.length > 0 ? [['Also suspended for', facts.others.join(', ')] as const] : []),
      ...(facts.endsOn === null ? [] : [['On notice, ends on', facts.endsOn] as const]),
    ],
    commands: [
      commandOf('suspension.history', { tenantId: tenant.id }),
      commandOf('tasks.list', { tenantId: tenant.id }),
    ],
  }),
  task_escalated: ({ tenant, taskId, title, priority, owner, dueOn }: TaskFacts): MailContent => ({
    subject: `Overdue, yours now: ${title} (${tenant.name})`,
    paragraphs: [`This has been overdue for two days and is yours now, as the backup of ${owner}: ${title}.`],
    facts: [
      ...linesOf(tenant),
      ['Task', title],
      ['Priority', priority],
      ['Owner', owner],
      ['Was due on', dueOn],
    ],
    commands: [
      commandOf('tasks.list', { tenantId: tenant.id }),
      commandOf('tasks.complete', { tenantId: tenant.id, taskId, note: 'what was done' }),
    ],
  }),
  plan_requested: ({ tenant, requestId, wanted, note }: PlanRequestFacts): MailContent => ({
    subject: `${tenant.name} asks for the ${wanted} plan`,
    paragraphs: [
      `An owner of ${tenant.name} asks for the ${wanted} plan. Until it is decided nothing happens.`,
    ],
    facts: [...linesOf(tenant), ...(note === null ? [] : [['Their note', note] as const])],
    commands: [
      commandOf('plans.requests.decide', { tenantId: tenant.id, requestId, approve: true, note: 'why' }),
    ],
  }),
  approval_requested: (facts: ApprovalFacts): MailContent => ({
    subject: `Approval asked for: ${subjectOf(facts)}`,
    paragraphs: [
      `${facts.by} asks for a second person's approval. Until then nothing happens; without one it expires on ${facts.expiresOn}.`,
    ],
    facts: approvalLines(facts),
    commands: decisions(facts),
  }),
  approval_escalated: (facts: ApprovalFacts): MailContent => ({
    subject: `Approval overdue: ${subjectOf(facts)}`,
    paragraphs: [
      `This has waited for two days for a second person. Whoever may decide is asked again: it expires on ${facts.expiresOn}.`,
    ],
    facts: approvalLines(facts),
    commands: decisions(facts),
  }),
  glass_broken: (facts: Omit<ApprovalFacts, 'expiresOn'> & { reason: string }): MailContent => ({
    subject: `BREAK-GLASS: ${subjectOf(facts)} was run by one person alone`,
    paragraphs: [
      `${facts.by} ran this ALONE, without the approval that it needs, as an emergency. It has happened.`,
      'Somebody else must review it now: is the reason true, and was it needed?',
    ],
    facts: [['Reason given', facts.reason], ...approvalLines(facts)],
    commands: [commandOf('approvals.review', { approvalId: facts.approvalId, note: 'what you found' })],
  }),
  operator_webhook_disabled: ({ endpoint, reason }: { endpoint: string; reason: string }): MailContent => ({
    subject: 'An operator webhook endpoint has been switched off',
    paragraphs: ['Events could not be delivered to one of the operator endpoints. It gets none any more.'],
    facts: [
      ['Endpoint', endpoint],
      ['Reason', reason],
    ],
    commands: [commandOf('webhooks.list', {})],
  }),
};

/** What tells operators which tenant it is. */
export function linesOf({ id, name, slug, plan, status }: ToldTenant): MailFact[] {
  return [
    ['Tenant', `${name} (${slug})`],
    ['Tenant id', id],
    ['Plan, status', `${plan}, ${status}`],
  ];
}

function subjectOf({ action, tenant }: Pick<ApprovalFacts, 'action' | 'tenant'>): string {
  return tenant ? `${action} of ${tenant.name}` : action;
}

function approvalLines(facts: Omit<ApprovalFacts, 'expiresOn'> & { expiresOn?: string }): MailFact[] {
  return [
    ['What', facts.action],
    ...(facts.tenant ? linesOf(facts.tenant) : []),
    ['Asked by', facts.by],
    ['Asked on', facts.askedOn],
    ...Object.entries(facts.input).map(([name, value]): MailFact => [`Input: ${name}`, write(value)]),
    ...(facts.expiresOn ? [['Expires on', facts.expiresOn] as const] : []),
  ];
}

function decisions({ approvalId }: ApprovalFacts): string[] {
  return [
    commandOf('approvals.approve', { approvalId }),
    commandOf('approvals.reject', { approvalId, note: 'why not' }),
  ];
}

/** A call as it is typed into a shell. What is named here are ids and words of ours: none holds a quote. */
export function commandOf(procedure: string, input: Readonly<Record<string, string | boolean>>): string {
  return `npx tenantry call ${procedure} '${JSON.stringify(input)}'`;
}

function write(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
