import { cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bed, makeBed } from './bed.ts';
import { type LoadGenerator, startLoadGenerator } from './load/run.ts';
import { benchLimits } from './limits/limits.ts';
import { measureCell } from './measure.ts';
import { benchPurge } from './purge/purge.ts';
import { benchScim } from './scim/scim.ts';
import { headerLine, rowLine } from './table.ts';
import { seedTenant, type Tenant, userCount } from './tenant.ts';
import { introspection } from './work/introspection.ts';
import { samlAcs } from './work/saml-acs.ts';
import { prepareSignIns } from './work/saml-sign-ins.ts';
import { scimCreate } from './work/scim-create.ts';
import { scimLookup } from './work/scim-lookup.ts';
import { scimPatch } from './work/scim-patch.ts';
import type { Work } from './work/work.ts';

const concurrencies = [1, 8, 32] as const;

const { values: options, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    users: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    profile: { type: 'string', default: '' },
  },
});

/** Creating comes last: it makes the directory larger than the look-ups are measured on. */
const works = (bed: Bed, tenant: Tenant): Work[] =>
  [
    scimLookup(tenant),
    scimPatch(tenant),
    introspection(bed.url, tenant),
    samlAcs(bed, tenant),
    scimCreate(tenant),
  ].filter(({ name }) => name.includes(options.only));

async function bench(stack: AsyncDisposableStack): Promise<void> {
  const seconds = Number(options.seconds);
  if (!(seconds > 0)) throw new Error('--seconds: a number of seconds above 0');
  const warmUpSeconds = Math.min(1, seconds / 4);
  const bed = await makeBed(stack, options.profile && resolve(options.profile));
  const tenant = await seedTenant(bed);
  const load = startLoadGenerator();
  stack.defer(() => load.close());
  await signEverybodyIn(bed, tenant);
  console.log(await describeMachine(bed));
  if (isAsked('requests')) await benchRequests({ bed, load, tenant }, { seconds, warmUpSeconds });
  if (isAsked('limits')) console.log(`\n${await benchLimits({ bed, load, tenant, seconds })}`);
  if (isAsked('scim')) await benchScim({ bed, load, seconds }, Number(options.users), console.log);
  if (isAsked('purge'))
    console.log(`\n${await benchPurge({ bed, load, tenant, rows: Number(options.rows) })}`);
}

/** Whether a part is asked for: by its name, or by no name at all. */
function isAsked(part: string): boolean {
  return parts.length === 0 || parts.includes(part);
}

type Ground = { bed: Bed; load: LoadGenerator; tenant: Tenant };

async function benchRequests(
  { bed, load, tenant }: Ground,
  { seconds, warmUpSeconds }: { seconds: number; warmUpSeconds: number },
): Promise<void> {
  console.log(`\n${headerLine()}`);
  for (const work of works(bed, tenant)) {
    for (const [index, concurrency] of concurrencies.entries()) {
      const cell = { index, concurrency, seconds: seconds + warmUpSeconds };
      const row = await measureCell({ bed, load, tenantId: tenant.id }, work, {
        cell,
        warmUpSeconds,
        seconds,
      });
      console.log(rowLine(row));
    }
  }
  console.log(howToRead);
}

/** Binds those who sign in later to their users, so that no measured sign-in is somebody's first. */
async function signEverybodyIn({ url }: Bed, tenant: Tenant): Promise<void> {
  for (const { path, headers, body } of await prepareSignIns(tenant, tenant.signers.length)) {
    const { status } = await fetch(`${url}${path}`, { method: 'POST', headers, body, redirect: 'manual' });
    if (status !== 303) throw new Error(`a sign-in was answered ${status}`);
  }
}

async function describeMachine({ owner }: Bed): Promise<string> {
  const { rows } = await owner.query<{ version: string; fsync: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync`,
  );
  const [processor] = cpus();
  const [load = 0] = loadavg();
  return [
    `${cpus().length} × ${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, load ${load.toFixed(1)}`,
    `Node ${process.versions.node}, PostgreSQL ${rows[0]?.version} on loopback, fsync ${rows[0]?.fsync}`,
    `a directory of ${userCount} users; ${options.seconds} s a figure after a warm-up`,
  ].join('\n');
}

const howToRead = `
How to read it: each row is the same work done by the service over HTTP (first figures), by its bare SQL in five round
trips through pg as the plain role under the same policies, and by a bare Hono route that answers as many bytes. A ratio
is the service's rate over the reference's in the same run. Service, PostgreSQL and load generator share the machine:
absolute figures are this machine's at this hour, ratios hold elsewhere. What is measured exactly: bench/README.md.`;

const stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(1)));
}
try {
  await bench(stack);
} finally {
  await stack.disposeAsync();
}
