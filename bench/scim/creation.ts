import type { Bed } from '../bed.ts';
import type { LoadGenerator } from '../load/run.ts';
import { figuresOf, sqlLoad } from '../measure.ts';
import { scimCreate } from '../work/scim-create.ts';
import type { BenchDirectory } from './directories.ts';

const concurrency = 32;
const rounds = 3;

type Ground = { bed: Bed; load: LoadGenerator; seconds: number };

/** Users are created where there is nobody and where there are many, each beside the bare transaction, in turns. */
export async function benchCreation(
  ground: Ground,
  empty: BenchDirectory,
  large: BenchDirectory,
): Promise<string> {
  const taken: { empty: Rates; large: Rates }[] = [];
  for (let round = 0; round < rounds; round += 1)
    taken.push({ empty: await ratesIn(ground, empty, round), large: await ratesIn(ground, large, round) });
  const middle = (pick: (each: (typeof taken)[number]) => number) =>
    taken.map(pick).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const lineOf = (name: 'empty' | 'large', users: number) =>
    `creation at ${concurrency} at once with ${users} users: ${middle((each) => each[name].ours).toFixed(0)} a second, the bare transaction ${middle((each) => each[name].sql).toFixed(0)}, ratio ${middle((each) => each[name].ours / each[name].sql).toFixed(2)} (goal >= 0.60)`;
  const flat = middle((each) => each.large.ours / each.empty.ours).toFixed(2);
  return [
    lineOf('empty', 0),
    lineOf('large', large.people.length),
    `the rate among many is ${flat} of that among none`,
  ].join('\n');
}

type Rates = { ours: number; sql: number };

async function ratesIn(
  { bed, load, seconds }: Ground,
  directory: BenchDirectory,
  round: number,
): Promise<Rates> {
  const work = scimCreate({ ...directory, prefix: `round-${round}` });
  const cell = { index: 0, concurrency, seconds: seconds * 2 };
  const job = { once: true, concurrency, warmUpSeconds: seconds / 2, seconds };
  const requests = await work.requests(cell);
  const http = { kind: 'http', port: bed.port, status: work.status, requests } as const;
  const ours = figuresOf(await load.run({ ...job, load: http })).perSecond;
  const bare = sqlLoad(bed, directory.id, work, await work.runs(cell));
  return { ours, sql: figuresOf(await load.run({ ...job, load: bare })).perSecond };
}
