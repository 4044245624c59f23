import type { Bed } from '../bed.ts';
import type { HttpRequest } from '../load/job.ts';
import type { LoadGenerator } from '../load/run.ts';
import { figuresOf, sqlLoad } from '../measure.ts';

export type Ground = { bed: Bed; load: LoadGenerator; seconds: number };

/** One piece of work in one directory: requests that are sent over and over, and its bare statements. */
export type Piece = {
  tenantId: string;
  status: number;
  requests: readonly HttpRequest[];
  statements: readonly string[];
  runs: unknown[][][];
};

/** How long each took, half of the time, in milliseconds: over HTTP, and as bare statements. */
type Taken = { http: number; sql: number };

/** The same work in a small and in a large directory. */
export type Comparison = { work: string; small: Taken; large: Taken; goal: number };

/** Does the same work where there is little and where there is much, in turns, one after the other. */
export async function compare(
  ground: Ground,
  { work, goal }: { work: string; goal: number },
  { small, large }: { small: Piece; large: Piece },
): Promise<Comparison> {
  // Each once to be warm; then in turns, so that what else the machine does falls on both.
  const taken = { small: [] as Taken[], large: [] as Taken[] };
  for (const round of [0, 1, 2, 3]) {
    const [few, many] = [await measure(ground, small), await measure(ground, large)];
    if (round === 0) continue;
    taken.small.push(few);
    taken.large.push(many);
  }
  return { work, goal, small: middleOf(taken.small), large: middleOf(taken.large) };
}

async function measure({ bed, load, seconds }: Ground, piece: Piece): Promise<Taken> {
  const job = { once: false, concurrency: 1, warmUpSeconds: 0, seconds: seconds / 4 };
  const { status, requests, statements, runs, tenantId } = piece;
  const http = { kind: 'http', port: bed.port, status, requests } as const;
  return {
    http: figuresOf(await load.run({ ...job, load: http })).p50,
    sql: figuresOf(await load.run({ ...job, load: sqlLoad(bed, tenantId, { statements }, runs) })).p50,
  };
}

function middleOf(taken: readonly Taken[]): Taken {
  const middle = (name: keyof Taken) =>
    taken.map((each) => each[name]).toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? Number.NaN;
  return { http: middle('http'), sql: middle('sql') };
}

/** The table of comparisons: milliseconds in the small and in the large directory, and their ratio. */
export function tableOf(comparisons: readonly Comparison[]): string {
  const header = ['work', 'small ms', 'large ms', 'ratio', 'goal', '| SQL small', 'large', 'ratio'];
  const rows = comparisons.map(({ work, small, large, goal }) => [
    work,
    small.http.toFixed(2),
    large.http.toFixed(2),
    (large.http / small.http).toFixed(2),
    `<= ${goal}`,
    `| ${small.sql.toFixed(2)}`,
    large.sql.toFixed(2),
    (large.sql / small.sql).toFixed(2),
  ]);
  return [header, ...rows]
    .map((row) => row.map((cell, index) => (index === 0 ? cell.padEnd(40) : cell.padStart(11))).join(''))
    .join('\n');
}
