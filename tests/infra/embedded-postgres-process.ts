/** A service in small: serves DATA_DIR (its argument) until SIGINT, then asks the database once more and stops it. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/infra/embedded-postgres.ts';
import { createLog } from '../../src/infra/log.ts';

const log = createLog({ level: 'silent', format: 'json' });
try {
  const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log });
  const interrupted = once(process, 'SIGINT');
  console.log(postgres.adminUrl);
  await interrupted;
  // A server that the signal reached as well would be gone by now.
  await delay(200);
  const client = new Client(postgres.adminUrl);
  await client.connect();
  await client.query('select 1');
  await client.end();
  await postgres.stop();
  console.log('answered after the signal');
} catch (error) {
  console.log(String(error));
  process.exitCode = 1;
}
