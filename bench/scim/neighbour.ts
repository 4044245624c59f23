import { budgetKey } from '../../src/db/calls/budget-table.ts';
import { scimCalls } from '../../src/domain/plans/api-calls.ts';
import type { Bed } from '../bed.ts';
import { type LoadGenerator, startLoadGenerator } from '../load/run.ts';
import { figuresOf } from '../measure.ts';
import { scimRequest } from '../work/scim-requests.ts';
import type { BenchDirectory } from './directories.ts';

const lanes = 2;
/** So many at once does the noisy one send, all of them in vain. */
const noise = 4;

/** A directory has used up its calls and goes on; another one's requests must hardly feel it. */
export async function benchNeighbour(
  { bed, load, seconds }: { bed: Bed; load: LoadGenerator; seconds: number },
  noisy: BenchDirectory,
  quiet: BenchDirectory,
): Promise<string> {
  await useUp(bed, noisy);
  const alone = await lookUps({ bed, load, seconds }, quiet);
  const other = startLoadGenerator();
  const requests = [scimRequest(noisy, 'GET', '/Users?count=1')];
  const target = { kind: 'http', port: bed.port, status: 429, requests } as const;
  const shouting = other.run({
    load: target,
    once: false,
    concurrency: noise,
    warmUpSeconds: 0,
    seconds: seconds * 2,
  });
  const beside = await lookUps({ bed, load, seconds }, quiet);
  const refused = figuresOf(await shouting).perSecond;
  await other.close();
  return `beside a tenant that is answered 429 ${refused.toFixed(0)} times a second another's look-ups have p99 ${beside.p99.toFixed(1)} ms, alone ${alone.p99.toFixed(1)} ms, ratio ${(beside.p99 / alone.p99).toFixed(2)} (goal <= 1.5)`;
}

async function useUp({ admin }: Bed, { id }: BenchDirectory): Promise<void> {
  await admin.query(
    `insert into api_budgets (key, moments, calls) values ($1, array[clock_timestamp()], array[$2::int])
     on conflict (key) do update set moments = excluded.moments, calls = excluded.calls`,
    [budgetKey('scim', id), scimCalls],
  );
}

async function lookUps(
  { bed, load, seconds }: { bed: Bed; load: LoadGenerator; seconds: number },
  directory: BenchDirectory,
) {
  const requests = directory.people.slice(0, 500).map(({ userName }) => {
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    return scimRequest(directory, 'GET', `/Users?filter=${filter}`);
  });
  const target = { kind: 'http', port: bed.port, status: 200, requests } as const;
  return figuresOf(
    await load.run({ load: target, once: false, concurrency: lanes, warmUpSeconds: seconds / 4, seconds }),
  );
}
