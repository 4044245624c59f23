import type { Jobs } from '../db/jobs.ts';
import { jobNames, type JobName, type JobPayloads, jobs as policies } from '../domain/jobs.ts';
import type { Log } from '../infra/log.ts';
import { sweepApprovals } from './approvals.ts';
import { startBilling } from './billing-events.ts';
import { startPurges } from './purges.ts';
import { type Rounds, startRounds } from './rounds.ts';
import { sweepDeadlines } from './sweep.ts';
import { type TaskParts, type Tasks, tasks } from './tasks.ts';
import { type DispatcherParts, startDispatcher } from './webhook-dispatcher.ts';

export type Worker = {
  /** When the worker last did its round; `null` before the first. */
  lastSweepAt(): Date | null;
  /** Takes no new job, finishes those at hand. */
  stop(): Promise<void>;
};

const sweepMilliseconds = 1000;
const pollSeconds = 0.5;

export type WorkerParts = TaskParts & DispatcherParts & { jobs: Jobs; backupRetentionDays: number };

/** Works off jobs, fires deadlines, purges, sends webhooks, beside any number of other workers on the same database. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  for (const name of jobNames) await workOff(parts, name, tasks[name]);
  const rounds = [startPurges(parts), startDispatcher(parts), startBilling(parts)];
  const sweeps = startSweeps(parts);
  return {
    lastSweepAt: sweeps.lastAt,
    async stop() {
      await Promise.all([sweeps.stop(), ...rounds.map((round) => round.stop())]);
      await Promise.all(jobNames.map((name) => parts.jobs.offWork(name, { wait: true })));
    },
  };
}

async function workOff<Name extends JobName>(
  parts: TaskParts & { jobs: Jobs; log: Log },
  name: Name,
  task: Tasks[Name],
): Promise<void> {
  const policy = policies[name];
  if ('cron' in policy) await parts.jobs.schedule(name, policy.cron, {}, { tz: 'UTC' });
  const options = {
    pollingIntervalSeconds: pollSeconds,
    batchSize: 'together' in policy ? policy.together : 1,
    // After a job the next is looked for at once: only an empty queue is waited on.
    burstWhenBatchFull: true,
    localConcurrency: name === 'mail.send' ? 4 : 1,
  };
  await parts.jobs.work<JobPayloads[Name]>(name, options, async (batch) => {
    for (const { id, data } of batch) {
      try {
        await task(parts, { id, data });
      } catch (error) {
        parts.log.warn({ err: error, job: name, jobId: id }, 'a job failed and will be tried again');
        throw error;
      }
    }
  });
}

function startSweeps({ db, log }: TaskParts & { log: Log }): Rounds & { lastAt: () => Date | null } {
  let last: Date | null = null;
  const sweep = async () => {
    await sweepDeadlines(db, (due, error) =>
      log.error({ err: error, due }, 'a deadline failed and stays due'),
    );
    last = new Date();
    await sweepApprovals(db);
  };
  const rounds = startRounds(sweep, {
    pauseMilliseconds: sweepMilliseconds,
    onFailure: (error) => log.error({ err: error }, 'the sweep of deadlines and approvals failed'),
  });
  return { ...rounds, lastAt: () => last };
}
