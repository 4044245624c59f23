import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { prepareEmbedded } from './db/setup/embedded.ts';
import { migrate } from './db/setup/migrate.ts';
import { DatabaseNotUsable } from './db/setup/roles.ts';
import { type Config, ConfigError, readConfig } from './infra/config.ts';
import { loadDevSecrets } from './infra/dev-secrets.ts';
import { startEmbeddedPostgres } from './infra/embedded-postgres.ts';
import { ListenError } from './infra/http-server.ts';
import { chooseFormat, createLog, type Log } from './infra/log.ts';
import { DataDirInUseError, EmbeddedPostgresError } from './infra/postgres/error.ts';
import { StorageNotUsable } from './infra/storage/open-storage.ts';
import { type Service, startService } from './start.ts';

/** What a person can mend: said in one line, without a stack. */
const explained = [
  ConfigError,
  DatabaseNotUsable,
  ListenError,
  StorageNotUsable,
  DataDirInUseError,
  EmbeddedPostgresError,
];

type Urls = { ownerUrl: string; loginUrl: string };

/** Runs the service, or with the word `migrate` only brings its database up to date. */
async function main(words: readonly string[]): Promise<void> {
  const config = readConfig();
  const log = createLog({
    level: config.logLevel,
    format: chooseFormat(config.nodeEnv, process.stdout.isTTY),
  });
  const stack = new AsyncDisposableStack();
  const signals = listenForSignals();
  try {
    const urls = await openPostgres(config, log, stack);
    await migrate(urls.ownerUrl, urls.loginUrl);
    if (words[0] === 'migrate') {
      console.log('the database is up to date');
      return;
    }
    const service = await start(config, urls, log);
    stack.defer(() => service.stop());
    log.info(`stopping after ${await signals.received}`);
  } finally {
    await stack.disposeAsync();
  }
  log.info('stopped');
}

async function openPostgres(config: Config, log: Log, stack: AsyncDisposableStack): Promise<Urls> {
  const { databaseUrl, migrationDatabaseUrl, dataDir } = config;
  if (databaseUrl !== null) return { ownerUrl: migrationDatabaseUrl ?? databaseUrl, loginUrl: databaseUrl };
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  stack.defer(() => embedded.stop());
  return prepareEmbedded(embedded.adminUrl);
}

async function start(config: Config, { loginUrl }: Urls, log: Log): Promise<Service> {
  const development = config.nodeEnv === 'production' ? null : await loadDevSecrets(config.dataDir);
  const secretKey = config.secretKey ?? development?.secretKey;
  const bootstrapToken = config.bootstrapOperatorToken ?? development?.bootstrapOperatorToken;
  if (!secretKey || !bootstrapToken)
    throw new ConfigError(['SECRET_KEY and BOOTSTRAP_OPERATOR_TOKEN must be given']);
  const service = await startService({
    config,
    databaseUrl: loginUrl,
    secretKey,
    bootstrapToken,
    version: version(),
    log,
  });
  const { port, url } = service;
  log.info({ port, url }, `tenantry ${version()} listens on port ${port} as ${url}`);
  if (config.bootstrapOperatorToken === null) sayHowToGetIn(service.url, bootstrapToken, config);
  if (!config.stripe) log.info('billing is off: STRIPE_SECRET_KEY is not set');
  return service;
}

/** Printed, and not logged: a log is kept, and a token is not to be. */
function sayHowToGetIn(url: string, token: string, { dataDir, smtpUrl }: Config): void {
  console.log(
    [
      '',
      `  Listening on ${url}`,
      '',
      '  The first operator signs in with this bearer token (role engineering):',
      `    ${token}`,
      '',
      '  Try it:',
      `    npx tenantry call tenants.list --url ${url} --token ${token}`,
      ...(smtpUrl === null ? ['', `  Mails are written to ${dataDir}/mail.`] : []),
      '',
    ].join('\n'),
  );
}

function version(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(file)).version;
}

function listenForSignals() {
  const received = new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
  return { received };
}

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  const known = error instanceof Error && explained.some((kind) => error instanceof kind);
  console.error(known ? error.message : error);
  process.exit(1);
}
