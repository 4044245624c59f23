import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Job, Measurement } from './job.ts';

export type LoadGenerator = { run(job: Job): Promise<Measurement>; close(): Promise<void> };

/** Starts the load generator in a thread of its own. */
export function startLoadGenerator(): LoadGenerator {
  const worker = new Worker(new URL('./generator.ts', import.meta.url));
  return {
    async run(job) {
      worker.postMessage(job, []);
      const [answer] = (await once(worker, 'message')) as [{ measurement?: Measurement; failure?: string }];
      if (!answer.measurement) throw new Error(answer.failure);
      return answer.measurement;
    },
    close: async () => void (await worker.terminate()),
  };
}
