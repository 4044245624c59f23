import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Bed } from '../bed.ts';
import type { Measurement } from '../load/job.ts';
import type { LoadGenerator } from '../load/run.ts';
import type { Tenant } from '../tenant.ts';
import { signIn } from '../work/introspection.ts';
import { type Checked, checked, type Place } from './check.ts';

type Parts = { bed: Bed; load: LoadGenerator; tenant: Tenant; seconds: number };

const concurrencies = [1, 8, 32] as const;
/** Each route is measured so often, in turns: what the machine does beside it falls on all alike. */
const rounds = 7;
/** More than a run can use up. */
const plenty = 1_000_000_000;

/** Measures what the checks of a request cost, each as a share of the same request without it. */
export async function benchLimits({ bed, load, tenant, seconds }: Parts): Promise<string> {
  await bed.inTenant(tenant.id, 'update tenants set limit_api_calls = $2 where id = $1', [tenant.id, plenty]);
  const routes = await startRoutes(bed);
  const lines = [];
  try {
    for (const concurrency of concurrencies) {
      const { accessToken } = await signIn(bed.url, tenant);
      const measure = async (name: Checked) => {
        const headers = { authorization: `Bearer ${accessToken}` };
        const request = { method: 'GET', path: `/${name}`, headers, body: null };
        const target = { kind: 'http', port: routes.port, status: 200, requests: [request] } as const;
        const slice = seconds / 2;
        return load.run({ load: target, once: false, concurrency, warmUpSeconds: slice / 4, seconds: slice });
      };
      lines.push(rowOf(concurrency, await inTurns(measure)));
    }
  } finally {
    routes.stop();
  }
  return [header, ...lines].join('\n');
}

async function startRoutes({ databaseUrl, dataDir, secretKey, url }: Bed) {
  const place: Place = { databaseUrl, dataDir, secretKey, url };
  const child = fork(new URL('./checked-routes.ts', import.meta.url), [JSON.stringify(place)]);
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return { port: message.port, stop: () => void child.kill() };
}

/** For each route how long a request took, in milliseconds of one lane's time, in each round. */
async function inTurns(measure: (name: Checked) => Promise<Measurement>): Promise<Record<Checked, number[]>> {
  const taken: Record<Checked, number[]> = { bare: [], status: [], entitlement: [], limit: [], all: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? checked : checked.toReversed()) {
      const { latencies } = await measure(name);
      taken[name].push(latencies.reduce((sum, each) => sum + each, 0) / latencies.length);
    }
  }
  return taken;
}

const header = 'at once   bare ms    + status  + entitlement  + limit of calls     all of it';

function rowOf(concurrency: number, taken: Record<Checked, number[]>): string {
  const bare = median(taken.bare);
  const share = (name: Checked) => `${((median(taken[name]) / bare - 1) * 100).toFixed(1)} %`;
  return [
    String(concurrency).padStart(7),
    bare.toFixed(2).padStart(10),
    share('status').padStart(12),
    share('entitlement').padStart(15),
    share('limit').padStart(18),
    share('all').padStart(14),
  ].join('');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
