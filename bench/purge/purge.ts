import { purgeOrder } from '../../src/db/purge.ts';
import { batchRows } from '../../src/actions/purge/purge.ts';
import { openOrm } from '../../src/db/orm.ts';
import type { Bed } from '../bed.ts';
import type { LoadGenerator } from '../load/run.ts';
import type { Tenant } from '../tenant.ts';
import { scimLookup } from '../work/scim-lookup.ts';
import { scimPatch } from '../work/scim-patch.ts';
import { type LargeTenant, letGo, seedLargeTenant } from './large-tenant.ts';
import { watchPurge } from './watching.ts';

type Rate = { rows: number; seconds: number };
type Parts = { bed: Bed; load: LoadGenerator; tenant: Tenant; rows: number };

const lanes = 2;
const sliceSeconds = 2;

/**
 * Measures the purge of a large tenant: its rate beside that of the bare statement, the memory it takes, and what
 * another tenant's requests feel of it.
 */
export async function benchPurge({ bed, load, tenant, rows }: Parts): Promise<string> {
  const [quiet, bare, loaded] = [
    await seedLargeTenant(bed, 'purged-quietly', rows),
    await seedLargeTenant(bed, 'deleted-bare', rows),
    await seedLargeTenant(bed, 'purged-under-load', rows),
  ];
  await bed.admin.query('checkpoint');
  const without = await requestsWhile({ load, bed, tenant }, () => Promise.resolve(false), 5);
  const watch = watchPurge(bed.admin, bed.pid);
  await letGo(bed, loaded);
  const during = await requestsWhile({ load, bed, tenant }, async () => !(await isCertified(bed, loaded)), 1);
  const sight = await watch.stop();
  const slow = await rateOf(bed, loaded);
  await letGo(bed, quiet);
  while (!(await isCertified(bed, quiet))) await new Promise((resolve) => setTimeout(resolve, 100));
  const ours = await rateOf(bed, quiet);
  const statement = await deleteBare(bed, bare);
  return [
    `purge of ${ours.rows} rows: ${say(ours)}; the bare DELETE in batches of ${batchRows}: ${say(statement)}; ratio ${(perSecond(ours) / perSecond(statement)).toFixed(2)}`,
    `memory of the service: ${sight.memoryBefore.toFixed(0)} MB before, ${sight.memoryMost.toFixed(0)} MB at most`,
    `another tenant's requests (${lanes} at once): p50 ${without.p50} ms, p99 ${without.p99} ms, longest ${without.longest} ms without the purge;`,
    `  p50 ${during.p50} ms, p99 ${during.p99} ms, longest ${during.longest} ms during it (${say(slow)}); p99 ratio ${(Number(during.p99) / Number(without.p99)).toFixed(2)}`,
    `longest wait for a lock that the purge held: ${sight.lockWait.toFixed(1)} ms`,
  ].join('\n');
}

async function isCertified({ admin }: Bed, { id }: LargeTenant): Promise<boolean> {
  const { rows } = await admin.query<{ state: string }>('select state from tombstones where id = $1', [id]);
  return rows[0]?.state === 'certified';
}

async function rateOf({ admin }: Bed, { id }: LargeTenant): Promise<Rate> {
  const { rows } = await admin.query<Rate>(
    `select (select sum(value::bigint) from jsonb_each_text(rows))::int as rows,
       extract(epoch from certified_at - claimed_at)::float8 as seconds from tombstones where id = $1`,
    [id],
  );
  if (!rows[0]) throw new Error('there is no tombstone');
  return rows[0];
}

/** The same batches as one statement each, by a superuser, whom no policy binds, counting nothing. */
async function deleteBare({ admin }: Bed, { id }: LargeTenant): Promise<Rate> {
  const orm = openOrm('postgresql://localhost/none');
  const tables = purgeOrder(orm.getMetadata());
  const started = performance.now();
  let rows = 0;
  for (const { name, owner } of tables) {
    const statement = `delete from "${name}" where ctid = any(array(select ctid from "${name}" where ${owner} = $1 limit ${batchRows}))`;
    for (let deleted = batchRows; deleted === batchRows; rows += deleted)
      deleted = (await admin.query(statement, [id])).rowCount ?? 0;
  }
  return { rows, seconds: (performance.now() - started) / 1000 };
}

/** Another tenant's reads and writes, slice by slice: so many of them, and as long as something goes on. */
async function requestsWhile(
  { load, bed, tenant }: Pick<Parts, 'load' | 'bed' | 'tenant'>,
  goesOn: () => Promise<boolean>,
  slices: number,
) {
  const cell = { index: 0, concurrency: lanes, seconds: sliceSeconds };
  const reads = await scimLookup(tenant).requests(cell);
  const writes = await scimPatch(tenant).requests(cell);
  const requests = writes.flatMap((write, index) => [write, ...reads.slice(index, index + 1)]);
  const latencies: number[] = [];
  for (let slice = 0; slice < slices || (await goesOn()); slice += 1) {
    const measured = await load.run({
      load: { kind: 'http', port: bed.port, status: 200, requests },
      once: false,
      concurrency: lanes,
      warmUpSeconds: slice === 0 && slices > 1 ? 1 : 0,
      seconds: sliceSeconds,
    });
    latencies.push(...measured.latencies);
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return { p50: at(0.5), p99: at(0.99), longest: at(1) };
}

function perSecond({ rows, seconds }: Rate): number {
  return rows / seconds;
}

function say(rate: Rate): string {
  return `${Math.round(perSecond(rate))} rows/s (${rate.seconds.toFixed(1)} s)`;
}
