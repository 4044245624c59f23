import type { AccessMode } from '../access.ts';
import type { DeadlineKind } from '../lifecycle/deadlines.ts';
import type { Plan } from '../plans/catalogue.ts';
import type { TenantStatus } from '../lifecycle/status.ts';
import type { Audience, TimelineEntry } from './entries.ts';
import { titleOfDeadline } from './future.ts';

type State = { status: TenantStatus; plan: Plan; accessMode: AccessMode };
type DeadlineTold = { kind: DeadlineKind; subject: string; dueAt: string };

/** What one deadline does when it fires: found out by letting it fire, and undoing that. */
export type RehearsedStep = {
  at: string;
  kind: DeadlineKind;
  title: string;
  state: { before: State; after: State };
  sessionsEnded: number;
  mails: readonly { mail: string; to: string; subject: string; text: string }[];
  deadlines: { set: readonly DeadlineTold[]; cleared: readonly DeadlineTold[] };
  webhooks: readonly { type: string; endpoints: number }[];
  /** Rows that a purge deletes, by table; `null` where nothing is deleted. */
  rows: Record<string, number> | null;
};

/** One line for the deadline, and one for each thing that it does, as far as the reader may know. */
export function entriesOfStep(step: RehearsedStep, audience: Audience): TimelineEntry[] {
  const { at, kind, title, deadlines, sessionsEnded, mails, webhooks, rows } = step;
  const internal = audience === 'operators';
  const entry = (of: string, sentence: string, facts: Record<string, unknown>): TimelineEntry => ({
    at,
    when: 'future',
    kind: of,
    title: sentence,
    by: null,
    facts,
  });
  const concerns = (deadline: DeadlineTold) => titleOfDeadline(deadline.kind, audience) !== null;
  const set = deadlines.set.filter(concerns);
  const cleared = deadlines.cleared.filter(concerns);
  return [
    entry('deadline', title, { deadline: kind, set, cleared }),
    ...changesOf(step).map(([of, from, to]) =>
      entry(of, `${of} changes from ${from} to ${to}`, { from, to }),
    ),
    ...(sessionsEnded > 0
      ? [entry('sessions', `sessions that end: ${sessionsEnded}`, { ended: sessionsEnded })]
      : []),
    ...mails.map((mail) => entry('mail', `mail to ${mail.to}: ${mail.subject}`, mail)),
    ...webhooks
      .filter(({ endpoints }) => internal && endpoints > 0)
      .map((hook) => entry('webhook', `${hook.type} is posted to ${hook.endpoints} endpoints`, hook)),
    ...(rows ? [entry('deletion', sayDeletion(rows), internal ? { rows } : {})] : []),
  ];
}

function changesOf({ state: { before, after } }: RehearsedStep): [string, string, string][] {
  const fields = [
    ['status', before.status, after.status],
    ['plan', before.plan, after.plan],
    ['access', before.accessMode, after.accessMode],
  ] as const;
  return fields.filter(([, from, to]) => from !== to).map(([of, from, to]) => [of, from, to]);
}

function sayDeletion(rows: Record<string, number>): string {
  const held = Object.values(rows).filter((count) => count > 0);
  const total = held.reduce((sum, count) => sum + count, 0);
  return `${total} rows in ${held.length} tables are deleted, with every file`;
}
