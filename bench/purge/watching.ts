import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';

export type Sight = {
  /** The most memory that the service held, and what it held when it was first looked at, in megabytes. */
  memoryBefore: number;
  memoryMost: number;
  /** The longest that anybody was seen waiting for a lock that the purge held, in milliseconds. */
  lockWait: number;
};

const intervalMilliseconds = 20;

/** Watches the service's memory and the waits for locks of the purge until it is told to stop. */
export function watchPurge(admin: Client, pid: number): { stop(): Promise<Sight> } {
  const sight: Sight = { memoryBefore: 0, memoryMost: 0, lockWait: 0 };
  const stopping = new AbortController();
  const watching = (async () => {
    sight.memoryBefore = await memoryOf(pid);
    while (!stopping.signal.aborted) {
      sight.memoryMost = Math.max(sight.memoryMost, await memoryOf(pid));
      sight.lockWait = Math.max(sight.lockWait, await longestWait(admin));
      await delay(intervalMilliseconds);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watching;
      return sight;
    },
  };
}

// Whoever waits for a lock that a session of the purge holds. It is known by the statement that it runs.
async function longestWait(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ wait: number }>(
    `select coalesce(max(extract(epoch from clock_timestamp() - waitstart) * 1000), 0)::float8 as wait
     from pg_locks l
     where not granted and exists (
       select from pg_stat_activity a where a.pid = any(pg_blocking_pids(l.pid))
         and (a.query like '%tombstones%' or a.query like '%with gone as%'))`,
  );
  return rows[0]?.wait ?? 0;
}

async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
