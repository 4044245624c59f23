import type { Bed } from './bed.ts';
import type { HttpRequest, Measurement, SqlLoad } from './load/job.ts';
import type { LoadGenerator } from './load/run.ts';
import type { Cell, Work } from './work/work.ts';

/** A rate and its latencies, in milliseconds. */
export type Figures = { perSecond: number; p50: number; p99: number };

/** One row of the table: the service, the bare statements, and a bare route that answers as many bytes. */
export type Row = { work: string; concurrency: number; ours: Figures; sql: Figures; route: Figures };

type Times = { warmUpSeconds: number; seconds: number };

/** Measures one kind of work at one concurrency: the service first, its two references right after it. */
export async function measureCell(
  { bed, load, tenantId }: { bed: Bed; load: LoadGenerator; tenantId: string },
  work: Work,
  { cell, ...times }: Times & { cell: Cell },
): Promise<Row> {
  const [sample, ...requests] = await work.requests(cell);
  if (!sample) throw new Error(`${work.name} has no requests`);
  const bytes = await countBytes(bed.url, sample);
  const job = { ...times, concurrency: cell.concurrency };
  const { once, status } = work;
  const all = once ? requests : [sample, ...requests];
  const ours = await load.run({
    ...job,
    once,
    load: { kind: 'http', port: bed.port, status, requests: all },
  });
  const bare = sqlLoad(bed, tenantId, work, await work.runs(cell));
  const sql = await load.run({ ...job, once, load: bare });
  const plain = all.map((request) => ({ ...request, path: `/bytes/${bytes}` }));
  const route = await load.run({
    ...job,
    once: false,
    load: { kind: 'http', port: bed.plainPort, status: 200, requests: plain },
  });
  const [mine, statements, bareRoute] = [ours, sql, route].map(figuresOf) as [Figures, Figures, Figures];
  return { work: work.name, concurrency: cell.concurrency, ours: mine, sql: statements, route: bareRoute };
}

/** Five round trips: begin, bind to the tenant and its role, two statements, commit. */
export function sqlLoad(
  { databaseUrl }: Bed,
  tenantId: string,
  { lookUp, statements }: Pick<Work, 'lookUp' | 'statements'>,
  runs: unknown[][][],
): SqlLoad {
  const bind = `select set_config('role', 'tenantry_tenant', true), set_config('app.tenant_id', $1, true)`;
  return {
    kind: 'sql',
    url: databaseUrl,
    statements: ['begin', ...(lookUp ? [lookUp.statement] : []), bind, ...statements, 'commit'],
    runs: runs.map((values) => [[], ...(lookUp ? [lookUp.values] : []), [tenantId], ...values, []]),
  };
}

async function countBytes(url: string, { method, path, headers, body }: HttpRequest): Promise<number> {
  const answer = await fetch(`${url}${path}`, { method, headers, body, redirect: 'manual' });
  return (await answer.text()).length;
}

/** The rate of a measurement, and the latencies below which half and nearly all stay. */
export function figuresOf({ latencies, seconds }: Measurement): Figures {
  const sorted = latencies.toSorted();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}
