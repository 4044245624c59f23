import { type DeadlineKind, daysAfter } from '../lifecycle/deadlines.ts';

/** What happens to who does not pay, in days after the payment failed. */
export type DunningDays = {
  /** When the admins are told, one mail each. */
  mails: readonly number[];
  readOnly: number;
  blocked: number;
  /** When the tenant is put on notice of its offboarding. */
  notice: number;
};

export const defaultDunningDays: DunningDays = { mails: [0, 3, 7], readOnly: 7, blocked: 14, notice: 30 };

export const dunningKinds = [
  'dunning_mail',
  'dunning_read_only',
  'dunning_blocked',
  'dunning_notice',
] as const satisfies readonly DeadlineKind[];
export type DunningKind = (typeof dunningKinds)[number];

/** One step of the ladder; `subject` tells the mails apart: 0 is the first. */
export type DunningStep = { kind: DunningKind; subject: string; dueAt: Date };

/** Every step of the ladder that a failed payment sets up, by its date. */
export function planDunning(since: Date, { mails, readOnly, blocked, notice }: DunningDays): DunningStep[] {
  const step = (kind: DunningKind, days: number, subject = '') => ({
    kind,
    subject,
    dueAt: daysAfter(since, days),
  });
  return [
    ...mails.map((days, index) => step('dunning_mail', days, String(index))),
    step('dunning_read_only', readOnly),
    step('dunning_blocked', blocked),
    step('dunning_notice', notice),
  ].toSorted((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
}

const ascending = (days: readonly number[]) => days.every((day, index) => day > (days[index - 1] ?? -1));

/** What is wrong with a ladder, or `null`: each step comes after the one that is milder. */
export function faultOfDunning({ mails, readOnly, blocked, notice }: DunningDays): string | null {
  if (!ascending(mails)) return 'DUNNING_MAIL_DAYS must ascend';
  if (ascending([readOnly, blocked, notice])) return null;
  return 'DUNNING_READ_ONLY_DAYS, DUNNING_BLOCKED_DAYS and DUNNING_NOTICE_DAYS must ascend in this order';
}
