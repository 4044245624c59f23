import type { MailRequest } from './texts/mails.ts';

/** What the worker is asked to do after a transaction has committed. Payloads hold ids, never secrets. */
export type JobPayloads = {
  'mail.send': MailRequest;
  'deadlines.sweep': Record<string, never>;
  'expired.delete': Record<string, never>;
  'signing_keys.rotate': Record<string, never>;
  'billing.reconcile': Record<string, never>;
  'billing.compare': Record<string, never>;
  'billing.align': { tenantId: string; takenBack: boolean };
  /** The bytes of one file, or of all of a project that is gone (`null`). */
  'file.delete': { tenantId: string; projectId: string; fileId: string | null };
  'storage.compare': Record<string, never>;
};
export type JobName = keyof JobPayloads;

/** A job that a transaction has promised. */
export type PromisedJob = { name: JobName; payload: Readonly<Record<string, unknown>> };

/** Whether a promised job is a mail; its payload was typed by its name when it was promised. */
export function isMailJob(job: PromisedJob): job is { name: 'mail.send'; payload: MailRequest } {
  return job.name === 'mail.send';
}

type JobPolicy = {
  retryLimit: number;
  retryDelaySeconds: number;
  /** A worker that says nothing for so long is dead; its job goes to another. */
  heartbeatSeconds: number;
  /** How many a worker takes together, where there are many of them; they fail and are tried again together. */
  together?: number;
  /** When it runs by itself (cron, UTC). */
  cron?: string;
};

/** How each job is run and tried again. */
export const jobs = {
  'mail.send': { retryLimit: 20, retryDelaySeconds: 15, heartbeatSeconds: 30 },
  'deadlines.sweep': { retryLimit: 3, retryDelaySeconds: 1, heartbeatSeconds: 30 },
  'expired.delete': { retryLimit: 2, retryDelaySeconds: 20, heartbeatSeconds: 30, cron: '17 * * * *' },
  'signing_keys.rotate': { retryLimit: 5, retryDelaySeconds: 20, heartbeatSeconds: 30, cron: '41 3 * * *' },
  'file.delete': { retryLimit: 20, retryDelaySeconds: 15, heartbeatSeconds: 30, together: 50 },
  'storage.compare': { retryLimit: 2, retryDelaySeconds: 20, heartbeatSeconds: 30, cron: '23 2 * * *' },
  'billing.reconcile': { retryLimit: 2, retryDelaySeconds: 20, heartbeatSeconds: 30, cron: '*/15 * * * *' },
  'billing.align': { retryLimit: 20, retryDelaySeconds: 15, heartbeatSeconds: 30 },
  'billing.compare': { retryLimit: 2, retryDelaySeconds: 20, heartbeatSeconds: 30, cron: '23 4 * * *' },
} as const satisfies Record<JobName, JobPolicy>;

/** The names of all jobs. */
export const jobNames = Object.keys(jobs).filter((name): name is JobName => Object.hasOwn(jobs, name));
