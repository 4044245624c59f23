import type { Entry } from '../db/scope.ts';

/** The worker's entry into a scope: the system acts, now, for a job. */
export function entryOfJob(jobId: string): Entry {
  return {
    actor: { kind: 'system' },
    now: new Date(),
    origin: { requestId: `job:${jobId}`, ip: null, userAgent: null },
  };
}
