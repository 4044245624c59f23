import { listUnfinishedPurges } from '../actions/purge/purge.ts';
import type { Log } from '../infra/log.ts';
import { entryOfJob } from './entry.ts';
import { type PurgeParts, takeTurn } from './purge.ts';
import { type Rounds, startRounds } from './rounds.ts';

const pollMilliseconds = 1000;
/** A purge that takes longer lets the others have their turn. */
const turnMilliseconds = 10_000;
/** One that fails is tried again after as many seconds as it has failed, and no later than this. */
const longestWaitSeconds = 60;

type Failures = Map<string, { count: number; retryAt: number }>;

/** Works at every purge that is not certified, in turns. What a dead worker left is gone on with by any other. */
export function startPurges(parts: PurgeParts & { log: Log }): Rounds {
  let stopped = false;
  const failures: Failures = new Map();
  const rounds = startRounds(() => takeTurns(parts, failures, () => !stopped), {
    pauseMilliseconds: pollMilliseconds,
    onFailure: (error) => parts.log.error({ err: error }, 'purges could not be looked for'),
  });
  return {
    async stop() {
      stopped = true;
      await rounds.stop();
    },
  };
}

async function takeTurns(parts: PurgeParts & { log: Log }, failures: Failures, isOn: () => boolean) {
  const unfinished = await parts.db.asControlPlane(entryOfJob('purges'), listUnfinishedPurges);
  for (const tenantId of unfinished) {
    if (!isOn() || (failures.get(tenantId)?.retryAt ?? 0) > performance.now()) continue;
    const end = performance.now() + turnMilliseconds;
    try {
      const progress = await takeTurn({
        ...parts,
        tenantId,
        goesOn: () => isOn() && performance.now() < end,
      });
      failures.delete(tenantId);
      if (progress === 'done') parts.log.info({ tenantId }, 'a tenant was purged and its deletion certified');
    } catch (error) {
      const count = (failures.get(tenantId)?.count ?? 0) + 1;
      const waitSeconds = Math.min(count, longestWaitSeconds);
      failures.set(tenantId, { count, retryAt: performance.now() + waitSeconds * 1000 });
      parts.log.error({ err: error, tenantId, failures: count }, 'a purge failed and is tried again');
    }
  }
}
