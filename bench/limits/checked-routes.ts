/**
 * The service's own parts in a process of their own, behind routes that differ in what they check: nothing but who asks
 * (`bare`), the status, the entitlement, the limit of calls, or all of it.
 */
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createActivity } from '../../src/api/activity.ts';
import { createApiCalls, countSessions } from '../../src/api/api-calls.ts';
import { identifyCaller } from '../../src/api/caller.ts';
import { createSessionTokens } from '../../src/api/session-tokens.ts';
import { createCallCounter } from '../../src/db/calls/call-counter.ts';
import { openControlPool } from '../../src/db/control-pool.ts';
import { createGlance } from '../../src/db/glance.ts';
import { openJobs } from '../../src/db/jobs.ts';
import { openOrm } from '../../src/db/orm.ts';
import { createDatabase, type Database, type TenantScope } from '../../src/db/scope.ts';
import { requirePersonAccess } from '../../src/domain/access.ts';
import { requireFeature } from '../../src/domain/plans/entitlements.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import {
  createAccessTokens,
  importSigningKey,
  importVerificationKeys,
} from '../../src/infra/access-tokens.ts';
import { createLog } from '../../src/infra/log.ts';
import { createMetrics } from '../../src/infra/metrics.ts';
import { createPorts } from '../../src/infra/ports.ts';
import { createFileStorage } from '../../src/infra/storage.ts';
import type { Checked, Place } from './check.ts';

const place = JSON.parse(process.argv[2] ?? '{}') as Place;
const log = createLog({ level: 'warn', format: 'json' });
const pool = openControlPool(place.databaseUrl);
const jobs = openJobs(place.databaseUrl, { supervise: false });
await jobs.start();
const db = createDatabase({
  orm: openOrm(place.databaseUrl),
  jobs,
  glance: createGlance(pool),
  ports: createPorts({
    secretKey: Buffer.from(place.secretKey, 'base64'),
    storage: createFileStorage({ root: join(place.dataDir, 'storage') }),
  }),
});
const codec = { tokens: createAccessTokens({ issuer: place.url }), importSigningKey, importVerificationKeys };
const sessionTokens = createSessionTokens({ db, codec, activity: createActivity({ db, log }) });
const calls = createApiCalls({ counter: createCallCounter(pool), metrics: createMetrics(), log });
const counted = countSessions(db, calls, 'request');

const status = ({ tenant, actor }: TenantScope) => {
  if (actor.kind === 'user') requirePersonAccess(tenant, actor.role, 'write');
};
const entitlement = ({ tenant }: TenantScope) => requireFeature(tenant, 'sso');
const routes: Record<Checked, { db: Database; checks: ((scope: TenantScope) => void)[] }> = {
  bare: { db, checks: [] },
  status: { db, checks: [status] },
  entitlement: { db, checks: [entitlement] },
  limit: { db: counted, checks: [] },
  all: { db: counted, checks: [status, entitlement] },
};

const app = new Hono();
for (const [name, { db, checks }] of Object.entries(routes)) {
  app.get(`/${name}`, async (c) => {
    const origin = { requestId: '', ip: null, userAgent: null };
    const entry = { now: new Date(), origin, actor: { kind: 'anonymous' } } as const;
    const caller = await identifyCaller({ db, sessionTokens }, entry, c.req.header('authorization'));
    if (caller.kind !== 'session') throw new Refusal('PERMISSION_DENIED', 'this is for sessions');
    await db.inSession({ now: entry.now, origin, ...caller }, async (scope) => {
      for (const check of checks) check(scope);
    });
    for (const [name, value] of Object.entries(calls.headersOf(origin, 200))) c.header(name, value);
    return c.json({ ok: true });
  });
}

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.({ port }));
process.on('disconnect', () => process.exit(0));
