import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Client, type QueryResult } from 'pg';
import { createTenantryClient, type TenantryClient } from '../src/cli/client.ts';
import { prepareEmbedded } from '../src/db/setup/embedded.ts';
import { startEmbeddedPostgres } from '../src/infra/embedded-postgres.ts';
import { createLog } from '../src/infra/log.ts';
import { makeDataFolder, startServiceProcess } from '../tests/demo/service-process.ts';

/** What the measurements run against: PostgreSQL, the service, and a bare route, each a process of its own. */
export type Bed = {
  url: string;
  port: number;
  /** The service's process. */
  pid: number;
  plainPort: number;
  /** The plain role that the service runs as. */
  databaseUrl: string;
  /** Where the service keeps its files, and the key of its secrets in base64. */
  dataDir: string;
  secretKey: string;
  operator: TenantryClient;
  /** Runs statements as the owner of the database, who is bound by the policies as well. */
  owner: Client;
  /** Runs statements as the superuser, whom nothing binds. */
  admin: Client;
  /** Runs one statement in the tenant's role, bound to the tenant. */
  inTenant: (tenantId: string, text: string, values?: unknown[]) => Promise<QueryResult>;
};

/**
 * Starts all of it, silent and in production's settings. What was started is stopped by whoever disposes of the stack.
 * With `profileDir` the service writes a profile of its processor time there when it ends.
 */
export async function makeBed(stack: AsyncDisposableStack, profileDir: string): Promise<Bed> {
  const folder = await makeDataFolder();
  stack.defer(() => folder.remove());
  const log = createLog({ level: 'warn', format: 'json' });
  const postgres = await startEmbeddedPostgres({ dataDir: folder.path, log });
  stack.defer(() => postgres.stop());
  const { ownerUrl, loginUrl } = await prepareEmbedded(postgres.adminUrl);
  const token = randomUUID();
  const secretKey = randomBytes(32).toString('base64');
  const service = await startServiceProcess({
    NODE_ENV: 'production',
    ...(profileDir === '' ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` }),
    LOG_LEVEL: 'warn',
    DATA_DIR: folder.path,
    DATABASE_URL: loginUrl,
    MIGRATION_DATABASE_URL: ownerUrl,
    SECRET_KEY: secretKey,
    BOOTSTRAP_OPERATOR_TOKEN: token,
  });
  stack.defer(async () => void (await service.stop()));
  await service.becomeReady();
  const owner = await connect(ownerUrl, stack);
  const admin = await connect(
    Object.assign(new URL(postgres.adminUrl), { pathname: new URL(ownerUrl).pathname }).href,
    stack,
  );
  const login = await connect(loginUrl, stack);
  return {
    url: service.url,
    port: Number(new URL(service.url).port),
    pid: service.pid,
    plainPort: await startPlainRoute(stack),
    databaseUrl: loginUrl,
    dataDir: folder.path,
    secretKey,
    operator: createTenantryClient({ url: service.url, token }),
    owner,
    admin,
    async inTenant(tenantId, text, values = []) {
      await login.query('begin');
      await login.query(
        `select set_config('role', 'tenantry_tenant', true), set_config('app.tenant_id', $1, true)`,
        [tenantId],
      );
      const result = await login.query(text, values);
      await login.query('commit');
      return result;
    },
  };
}

async function connect(url: string, stack: AsyncDisposableStack): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  stack.defer(() => client.end());
  return client;
}

async function startPlainRoute(stack: AsyncDisposableStack): Promise<number> {
  const child = fork(new URL('./plain-route.ts', import.meta.url));
  stack.defer(() => void child.kill());
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return message.port;
}
