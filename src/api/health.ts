import { Hono } from 'hono';
import type { ControlPool } from '../db/control-pool.ts';
import type { Metrics } from '../infra/metrics.ts';

export type HealthParts = {
  pool: ControlPool;
  metrics: Metrics;
  version: string;
  /** When the worker of this process last did its round; `undefined` where there is none. */
  lastSweepAt: (() => Date | null) | undefined;
};

/** A worker that has not done its round for so long is not well. */
const sweepLimitMilliseconds = 60_000;

/** Alive, able to serve, and in numbers. */
export function createHealthApi({ pool, metrics, version, lastSweepAt }: HealthParts) {
  const app = new Hono();

  app.get('/healthz', (c) => c.json({ status: 'ok', version }));

  app.get('/readyz', async (c) => {
    const checks = { database: await isReachable(pool), worker: isWorking(lastSweepAt) };
    const ready = Object.values(checks).every((check) => check !== false);
    return c.json({ status: ready ? 'ready' : 'not ready', checks }, ready ? 200 : 503);
  });

  app.get('/metrics', async (c) => {
    const { contentType, text } = await metrics.expose();
    return c.body(text, 200, { 'content-type': contentType });
  });

  return app;
}

// A table of this version's migrations answers, so the database is there and has been migrated.
async function isReachable(pool: ControlPool): Promise<boolean> {
  try {
    await pool.query('select id from signing_keys limit 1');
    return true;
  } catch {
    return false;
  }
}

function isWorking(lastSweepAt: HealthParts['lastSweepAt']): boolean | 'elsewhere' {
  if (!lastSweepAt) return 'elsewhere';
  const last = lastSweepAt();
  return last !== null && Date.now() - last.getTime() < sweepLimitMilliseconds;
}
