import { getRequestListener } from '@hono/node-server';
import { createRequestLog } from '../scim/log/request-log.ts';
import { createActivity } from './api/activity.ts';
import { createApiCalls } from './api/api-calls.ts';
import { createSessionTokens } from './api/session-tokens.ts';
import { ensureDocumentKey } from './actions/operations/document-keys.ts';
import { ensureBootstrapOperator } from './actions/operations/operators.ts';
import { ensureSigningKey } from './actions/operations/signing-keys.ts';
import { createApp } from './app.ts';
import { createCallCounter } from './db/calls/call-counter.ts';
import { type ControlPool, openControlPool } from './db/control-pool.ts';
import { createHeartbeat } from './db/calls/heartbeat.ts';
import { createGlance } from './db/glance.ts';
import { openJobs } from './db/jobs.ts';
import { openOrm } from './db/orm.ts';
import { createDatabase, type Entry } from './db/scope.ts';
import { createThrottle } from './db/throttle.ts';
import { createAccessTokens, importSigningKey, importVerificationKeys } from './infra/access-tokens.ts';
import { createStripeBilling } from './infra/billing/stripe-billing.ts';
import { clientAddressFinder } from './infra/client-address.ts';
import { type Config, mailSender, publicUrlAt } from './infra/config.ts';
import { openHttpServer } from './infra/http-server.ts';
import type { Log } from './infra/log.ts';
import { createMailer } from './infra/mailer.ts';
import { mailLinks } from './infra/mail-links.ts';
import { createMetrics, type Metrics } from './infra/metrics.ts';
import { createPorts } from './infra/ports.ts';
import { openStorage } from './infra/storage/open-storage.ts';
import { createWebhookSender } from './infra/webhooks/webhook-sender.ts';
import { startRounds } from './worker/rounds.ts';
import { startWorker } from './worker/worker.ts';

/** Four in a minute, so that none is without one while the process lives. */
const heartbeatMilliseconds = 15_000;

export type Service = {
  url: string;
  port: number;
  /** Ends in order: no new request, those at hand finish, then the worker, then the database's connections. */
  stop(): Promise<void>;
};

export type ServiceOptions = {
  config: Config;
  /** The database, migrated, as the plain role that serves. */
  databaseUrl: string;
  secretKey: Uint8Array;
  bootstrapToken: string;
  version: string;
  log: Log;
};

/** Starts serving on a migrated database: web, worker or both, as `ROLE` says. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config } = options;
  // First of all: a port that is in use should stop the start before anything else has begun.
  const server = await openHttpServer({ host: config.host, port: config.port });
  const publicUrl = publicUrlAt(config, server.port);
  const stack = new AsyncDisposableStack();
  try {
    const app = await assemble(options, publicUrl, stack);
    const listener = getRequestListener(app.fetch, { autoCleanupIncoming: false });
    server.serve((request, response) => void listener(request, response));
  } catch (error) {
    await server.close();
    await stack.disposeAsync();
    throw error;
  }
  // What is deferred last ends first.
  stack.defer(() => server.close());
  return { url: publicUrl, port: server.port, stop: () => stack.disposeAsync() };
}

async function assemble(options: ServiceOptions, publicUrl: string, stack: AsyncDisposableStack) {
  const { config, log } = options;
  const works = config.role !== 'web';
  const { db, pool, ports, jobs } = await openDatabase(options, stack);
  const mailer = createMailer({
    smtpUrl: config.smtpUrl,
    dataDir: config.dataDir,
    from: mailSender(config, publicUrl),
  });
  stack.defer(() => mailer.close());
  const { appUrl, supportEmail, supportUrl } = config;
  const support = { supportEmail, supportUrl };
  const places = { ...support, link: mailLinks({ publicUrl, appUrl }) };
  const { backupRetentionDays } = config;
  const sender = createWebhookSender({ allowedNetworks: config.webhookNetworks });
  const metrics = config.role === 'worker' ? createMetrics() : startHeartbeat({ pool, log }, stack);
  const work = { db, mailer, places, jobs, log, sender, backupRetentionDays, metrics };
  const worker = works ? await startWorker(work) : null;
  if (worker) stack.defer(() => worker.stop());
  const codec = {
    tokens: createAccessTokens({ issuer: publicUrl }),
    importSigningKey,
    importVerificationKeys,
  };
  const activity = createActivity({ db, log });
  const requests = createRequestLog({ db, log });
  stack.defer(() => requests.close());
  return createApp({
    db,
    activity,
    noteRequest: requests.note,
    calls: createApiCalls({ counter: createCallCounter(pool), metrics, log }),
    ports,
    pool,
    throttle: createThrottle(pool),
    sessionTokens: createSessionTokens({ db, codec, activity }),
    metrics,
    log,
    publicUrl,
    places,
    appUrl,
    allowedOrigins: config.allowedOrigins,
    support,
    version: options.version,
    findClientAddress: clientAddressFinder(config.trustProxy),
    lastSweepAt: worker ? () => worker.lastSweepAt() : undefined,
    serves: config.role !== 'worker',
  });
}

/** Tells of this process that it serves, again and again, with what it answers. */
function startHeartbeat(
  { pool, log }: { pool: ControlPool; log: Log },
  stack: AsyncDisposableStack,
): Metrics {
  const metrics = createMetrics();
  const heartbeat = createHeartbeat(pool);
  const rounds = startRounds(() => heartbeat.beat(), {
    pauseMilliseconds: heartbeatMilliseconds,
    onFailure: (error) => log.warn({ err: error }, 'a heartbeat could not be written'),
  });
  stack.defer(() => rounds.stop());
  return {
    ...metrics,
    observeRequest(request) {
      heartbeat.observe(request.status);
      metrics.observeRequest(request);
    },
  };
}

async function openDatabase(options: ServiceOptions, stack: AsyncDisposableStack) {
  const { config, databaseUrl, log } = options;
  const orm = openOrm(databaseUrl);
  stack.defer(() => orm.close());
  const pool = openControlPool(databaseUrl);
  stack.defer(() => pool.end());
  const jobs = openJobs(databaseUrl, { supervise: config.role !== 'web' });
  let ending = false;
  jobs.on('error', (error) => {
    // Its last connections close by themselves after it has stopped, and may find the database gone before them.
    if (!ending) log.warn({ err: error }, 'the job queue reports an error');
  });
  await jobs.start();
  stack.defer(() => {
    ending = true;
    return jobs.stop({ graceful: false });
  });
  const storage = await openStorage(config.storage);
  const ports = createPorts({
    secretKey: options.secretKey,
    storage,
    webhookNetworks: config.webhookNetworks,
    billing: config.stripe && createStripeBilling(config.stripe),
    dunning: config.dunning,
  });
  const db = createDatabase({ orm, jobs, ports, glance: createGlance(pool) });
  await db.asControlPlane(entryOfStart(), async (scope) => {
    await ensureSigningKey(scope);
    await ensureDocumentKey(scope);
    await ensureBootstrapOperator(scope, options.bootstrapToken);
  });
  return { db, pool, ports, jobs };
}

function entryOfStart(): Entry {
  return {
    actor: { kind: 'system' },
    now: new Date(),
    origin: { requestId: 'start', ip: null, userAgent: null },
  };
}
