import type { OperatorRole } from '../actors.ts';
import type { Priority } from './priorities.ts';

/** What operators have in their queue. */
export const taskKinds = [
  'suspension_review',
  'offboarding_review',
  'closing_communications',
  'closing_billing',
  'closing_tickets',
  'storage_review',
  'billing_review',
  'plan_review',
  'directory_review',
] as const;
export type TaskKind = (typeof taskKinds)[number];

type TaskTerms = {
  title: string;
  owner: OperatorRole;
  /** Who takes over when it is overdue by two days. */
  backup: OperatorRole;
  /** Of the closing checklist: days after the end within which it is due. */
  dueDays?: number;
  priority?: Priority;
};

/** Who does what, and who stands in (the operations manual's section 10). */
export const taskTerms: Record<TaskKind, TaskTerms> = {
  suspension_review: {
    title: 'review the suspension and resolve its cause',
    owner: 'customer_success',
    backup: 'engineering',
  },
  offboarding_review: {
    title: 'review the notice of offboarding with the customer',
    owner: 'customer_success',
    backup: 'engineering',
  },
  closing_communications: {
    title: 'archive contracts and communications',
    owner: 'customer_success',
    backup: 'engineering',
    dueDays: 14,
    priority: 'P2',
  },
  closing_billing: {
    title: 'remove the customer from the billing system',
    owner: 'billing',
    backup: 'customer_success',
    dueDays: 7,
    priority: 'P1',
  },
  closing_tickets: {
    title: 'close open support tickets',
    owner: 'customer_success',
    backup: 'engineering',
    dueDays: 7,
    priority: 'P2',
  },
  storage_review: {
    title: 'restore the files whose stored bytes are missing or cut',
    owner: 'engineering',
    backup: 'customer_success',
    priority: 'P1',
  },
  billing_review: {
    title: 'look at what the payment provider says of this customer',
    owner: 'billing',
    backup: 'customer_success',
  },
  plan_review: {
    title: 'find with the customer a plan that it fits: the one it was to go to is too small',
    owner: 'customer_success',
    backup: 'billing',
  },
  directory_review: {
    title: 'ask the customer whether its directory was to take access from so many people',
    owner: 'customer_success',
    backup: 'engineering',
  },
};

/** The operations manual's 7.3 "Post-Offboarding": the checklist that an executed offboarding opens. */
export const closingTasks = ['closing_communications', 'closing_billing', 'closing_tickets'] as const;
