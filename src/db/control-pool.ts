import { Pool } from 'pg';
import { controlRole } from './policies.ts';

/** Connections outside any scope, in the control plane's role: counters, readiness, the look-ups before a scope. */
export type ControlPool = Pool;

/** Opens the pool. Its errors are those of its queries: a broken idle connection is replaced in silence. */
export function openControlPool(url: string): ControlPool {
  const pool = new Pool({
    connectionString: url,
    max: 10,
    pipeline: true,
    options: `-c role=${controlRole}`,
    connectionTimeoutMillis: 5000,
    statement_timeout: 5000,
    allowExitOnIdle: true,
  });
  pool.on('error', () => {
    // The next query opens another connection, or fails and says why.
  });
  return pool;
}
