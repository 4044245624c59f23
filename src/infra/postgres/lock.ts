import { setTimeout as delay } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { hasCode } from '../system-error.ts';

/** Any number that nobody else locks in the database `postgres` of our own server. */
const lockNumber = 7_365_110_417;
/** A connection whose process was just killed keeps its lock for a moment. */
const patienceMs = 1500;

/**
 * Takes the lock that one living process holds per database. It is a session's advisory lock: it
 * dies with the process, however that ends, and cannot grow stale. Answers the connection that
 * holds it, `held` when another process does, `unavailable` while the server comes or goes.
 */
export async function takeLock(url: string): Promise<Client | 'held' | 'unavailable'> {
  const client = new Client({ connectionString: url, application_name: 'tenantry lock', keepAlive: true });
  // Without a listener a lost connection would end the process; whoever holds the lock listens for `end`.
  client.on('error', () => {});
  try {
    await client.connect();
    if (await tryLock(client)) return client;
    await client.end();
    return 'held';
  } catch (error) {
    await client.end().catch(() => {});
    if (isPassing(error)) return 'unavailable';
    throw error;
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      lockNumber,
    ]);
    if (rows[0]?.locked) return true;
    await delay(100);
  }
  return false;
}

/** Class 57 is operator intervention: starting up, shutting down, terminated. */
function isPassing(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code?.startsWith('57P') ?? false;
  return (
    hasCode(error, 'ECONNREFUSED', 'ECONNRESET', 'EPIPE') ||
    (error instanceof Error && error.message.startsWith('Connection terminated'))
  );
}
