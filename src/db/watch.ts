import type { AuditAction } from '../domain/audit-actions.ts';
import type { PromisedJob } from '../domain/jobs.ts';
import type { DeadlineKind } from '../domain/lifecycle/deadlines.ts';
import type { WebhookEventType } from '../domain/webhooks.ts';

/** What a transaction recorded, promised and set, in its order: what a preview tells of, and a rehearsal lists. */
export type Watch = {
  events: { action: AuditAction; details: Record<string, unknown> }[];
  jobs: PromisedJob[];
  deadlinesSet: { kind: DeadlineKind; subject: string; dueAt: Date }[];
  deadlinesCleared: { kind: DeadlineKind; subject: string }[];
  webhooks: { type: WebhookEventType; endpoints: number }[];
  sessionsEnded: number;
  /** Whether what was watched would have asked for a second person. */
  approvalNeeded: boolean;
};

/** An empty one. */
export function createWatch(): Watch {
  return {
    events: [],
    jobs: [],
    deadlinesSet: [],
    deadlinesCleared: [],
    webhooks: [],
    sessionsEnded: 0,
    approvalNeeded: false,
  };
}
