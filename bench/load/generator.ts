/** The load generator: a thread of its own, which works off the jobs that it is sent, one at a time. */
import { parentPort } from 'node:worker_threads';
import { openHttpLanes } from './http-lanes.ts';
import type { Job, Measurement } from './job.ts';
import type { Lanes } from './lanes.ts';
import { openSqlLanes } from './sql-lanes.ts';

async function measure({ load, once, concurrency, warmUpSeconds, seconds }: Job): Promise<Measurement> {
  const target =
    load.kind === 'http' ? openHttpLanes(load, concurrency) : await openSqlLanes(load, concurrency);
  const numbers = countOff(target, once);
  try {
    await drive(target, numbers, warmUpSeconds);
    const started = performance.now();
    const latencies = await drive(target, numbers, seconds);
    return { latencies: Float64Array.from(latencies), seconds: (performance.now() - started) / 1000 };
  } finally {
    await target.close();
  }
}

/** Keeps every lane busy until the time is over, or what there is to do is done. */
async function drive({ lanes }: Lanes, numbers: Iterator<number>, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    lanes.map(async (lane) => {
      while (performance.now() < end) {
        const next = numbers.next();
        if (next.done) return;
        const started = performance.now();
        await lane(next.value);
        latencies.push(performance.now() - started);
      }
    }),
  );
  return latencies;
}

function* countOff({ count }: Lanes, once: boolean): Generator<number> {
  const end = once ? count : Infinity;
  for (let index = 0; index < end; index += 1) yield index % count;
}

parentPort?.on('message', (job: Job) => {
  measure(job).then(
    (measurement) => parentPort?.postMessage({ measurement }, []),
    (error: unknown) => parentPort?.postMessage({ failure: String(error) }, []),
  );
});
