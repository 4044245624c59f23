import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, mailSender, publicUrlAt, readConfig } from '../../src/infra/config.ts';
import { loadDevSecrets } from '../../src/infra/dev-secrets.ts';
import { aDataDir } from './data-dirs.ts';

const secretKey = Buffer.alloc(32, 7).toString('base64');
const inProduction = { NODE_ENV: 'production', SECRET_KEY: secretKey, BOOTSTRAP_OPERATOR_TOKEN: 'op-token' };

test('with nothing configured every default of the table holds', () => {
  const config = readConfig({});

  expect(config).toEqual({
    nodeEnv: 'development',
    logLevel: 'info',
    role: 'all',
    host: '127.0.0.1',
    port: 3000,
    publicUrl: null,
    appUrl: null,
    allowedOrigins: [],
    trustProxy: null,
    dataDir: resolve('.data'),
    databaseUrl: null,
    migrationDatabaseUrl: null,
    storage: { kind: 'file', root: resolve('.data/storage') },
    smtpUrl: null,
    mailFrom: null,
    supportEmail: null,
    supportUrl: null,
    backupRetentionDays: 35,
    webhookNetworks: [],
    dunning: { mails: [0, 3, 7], readOnly: 7, blocked: 14, notice: 30 },
    secretKey: null,
    bootstrapOperatorToken: null,
    stripe: null,
  });
  expect(publicUrlAt(config, 3000)).toBe('http://localhost:3000');
  expect(mailSender(config, 'http://localhost:3000')).toBe('no-reply@localhost');
});

test('every variable is read', () => {
  const config = readConfig({
    ...inProduction,
    LOG_LEVEL: 'debug',
    ROLE: 'worker',
    HOST: '0.0.0.0',
    PORT: '0',
    PUBLIC_URL: 'https://id.example.com/base/',
    APP_URL: 'https://app.example.com',
    ALLOWED_ORIGINS: 'https://a.example.com/, http://localhost:5173',
    TRUST_PROXY: '2',
    DATA_DIR: '/srv/tenantry',
    DATABASE_URL: 'postgres://app@db/tenantry',
    MIGRATION_DATABASE_URL: 'postgresql://owner@db/tenantry',
    STORAGE_URL: 'file:///srv/objects',
    SMTP_URL: 'smtp://localhost:2525',
    MAIL_FROM: 'Tenantry <mail@example.com>',
    SUPPORT_EMAIL: 'help@example.com',
    SUPPORT_URL: 'https://help.example.com',
    BACKUP_RETENTION_DAYS: '90',
    WEBHOOK_ALLOW_NETWORKS: '10.0.0.0/8, fd00::/8',
    DUNNING_MAIL_DAYS: '0, 2',
    DUNNING_READ_ONLY_DAYS: '3',
    DUNNING_BLOCKED_DAYS: '4',
    DUNNING_NOTICE_DAYS: '5',
    STRIPE_SECRET_KEY: 'sk',
    STRIPE_WEBHOOK_SECRET: 'whsec_new, whsec_old',
    STRIPE_API_BASE: 'http://localhost:12111/',
  });

  expect(config).toEqual({
    nodeEnv: 'production',
    logLevel: 'debug',
    role: 'worker',
    host: '0.0.0.0',
    port: 0,
    publicUrl: 'https://id.example.com/base',
    appUrl: 'https://app.example.com',
    allowedOrigins: ['https://a.example.com', 'http://localhost:5173'],
    trustProxy: 2,
    dataDir: '/srv/tenantry',
    databaseUrl: 'postgres://app@db/tenantry',
    migrationDatabaseUrl: 'postgresql://owner@db/tenantry',
    storage: { kind: 'file', root: '/srv/objects' },
    smtpUrl: 'smtp://localhost:2525',
    mailFrom: 'Tenantry <mail@example.com>',
    supportEmail: 'help@example.com',
    supportUrl: 'https://help.example.com',
    backupRetentionDays: 90,
    webhookNetworks: ['10.0.0.0/8', 'fd00::/8'],
    dunning: { mails: [0, 2], readOnly: 3, blocked: 4, notice: 5 },
    secretKey: Buffer.alloc(32, 7),
    bootstrapOperatorToken: 'op-token',
    stripe: {
      secretKey: 'sk',
      webhookSecrets: ['whsec_new', 'whsec_old'],
      apiBase: 'http://localhost:12111',
    },
  });
});

test('an empty variable counts as left out, and the owner connects like the service unless it says otherwise', () => {
  const config = readConfig({
    PORT: '',
    SMTP_URL: ' ',
    DATABASE_URL: 'postgres://app@db/x',
    TRUST_PROXY: '',
  });

  expect(config).toMatchObject({ port: 3000, smtpUrl: null, migrationDatabaseUrl: 'postgres://app@db/x' });
});

test('a relative file: URL is a folder under the working directory', () => {
  expect(storageOf('file:.data/objects')).toEqual({ kind: 'file', root: resolve('.data/objects') });
});

test('an s3: URL names a bucket, and where and below what it is', () => {
  expect(storageOf('s3://files')).toEqual({
    kind: 's3',
    bucket: 'files',
    endpoint: null,
    region: null,
    prefix: '',
  });
  expect(storageOf('s3://my.files?endpoint=http://minio:9000&region=eu-central-1&prefix=prod/eu')).toEqual({
    kind: 's3',
    bucket: 'my.files',
    endpoint: 'http://minio:9000',
    region: 'eu-central-1',
    prefix: 'prod/eu/',
  });
});

test('networks of proxies are named as addresses, blocks or words', () => {
  const { trustProxy } = readConfig({ TRUST_PROXY: 'loopback, 10.0.0.0/8,::1,192.168.0.0/255.255.0.0' });

  expect(trustProxy).toEqual(['loopback', '10.0.0.0/8', '::1', '192.168.0.0/255.255.0.0']);
});

test.each([
  [{ PORT: '65536' }, 'PORT must be a whole number from 0 to 65535'],
  [{ PORT: '80a' }, 'PORT must be a whole number from 0 to 65535'],
  [{ NODE_ENV: 'staging' }, 'NODE_ENV must be one of production, development, test'],
  [{ ROLE: 'both' }, 'ROLE must be one of web, worker, all'],
  [{ PUBLIC_URL: 'id.example.com' }, 'PUBLIC_URL must be an http or https URL'],
  [{ DATABASE_URL: 'mysql://x/y' }, 'DATABASE_URL must be a postgres:// URL'],
  [{ STORAGE_URL: '/srv/x' }, 'STORAGE_URL must be a file: or s3: URL'],
  [{ STORAGE_URL: 's3:bucket' }, 'STORAGE_URL must name a bucket: s3://bucket'],
  [{ STORAGE_URL: 's3://Not_A_Bucket' }, 'STORAGE_URL must name a bucket: s3://bucket'],
  [
    { STORAGE_URL: 's3://key:secret@bucket' },
    'STORAGE_URL must not carry credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do',
  ],
  [{ STORAGE_URL: 's3://bucket/prod' }, 'STORAGE_URL takes folders as s3://bucket?prefix=folder'],
  [{ STORAGE_URL: 's3://bucket?endpoint=minio:9000' }, /^STORAGE_URL needs an endpoint that is an http/],
  [{ STORAGE_URL: 's3://bucket?region=Frankfurt' }, 'STORAGE_URL needs a region such as eu-central-1'],
  [{ STORAGE_URL: 's3://bucket?prefix=../keys' }, /^STORAGE_URL needs a prefix of plain folder names/],
  [{ STORAGE_URL: 's3://bucket?acl=public' }, 'STORAGE_URL takes endpoint, region and prefix only'],
  ...['localhost', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/', 'fd00::/129', '10.0.0.0/8/8'].map(
    (value): [Record<string, string>, string] => [
      { WEBHOOK_ALLOW_NETWORKS: value },
      'WEBHOOK_ALLOW_NETWORKS must be networks such as 10.0.0.0/8 or fd00::/8, separated by commas',
    ],
  ),
  [{ TRUST_PROXY: 'yes' }, /^TRUST_PROXY must be a number of hops, or addresses and networks/],
  [{ ALLOWED_ORIGINS: '*,app.example.com' }, /^ALLOWED_ORIGINS must be http or https origins/],
  [{ SUPPORT_EMAIL: 'help' }, 'SUPPORT_EMAIL must be an e-mail address'],
  [
    { BOOTSTRAP_OPERATOR_TOKEN: 'a b' },
    'BOOTSTRAP_OPERATOR_TOKEN must be visible ASCII characters without spaces',
  ],
  [{ STRIPE_SECRET_KEY: 'sk' }, 'STRIPE_WEBHOOK_SECRET must be given with STRIPE_SECRET_KEY'],
])('%o stops the start with one line', (env, line) => {
  expect(problemsOf(env)).toEqual([line instanceof RegExp ? expect.stringMatching(line) : line]);
});

test.each([31, 33])('a SECRET_KEY of %i bytes is refused and not repeated', (bytes) => {
  const key = Buffer.alloc(bytes, 7).toString('base64');

  const problems = problemsOf({ SECRET_KEY: key });

  expect(problems).toEqual(['SECRET_KEY must be 32 bytes in base64: `openssl rand -base64 32` makes one']);
});

test('production names each missing secret in a line', () => {
  expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
    'SECRET_KEY must be given in production',
    'BOOTSTRAP_OPERATOR_TOKEN must be given in production',
  ]);
  expect(() => readConfig(inProduction)).not.toThrow();
});

test('several problems are several lines', () => {
  expect(() => readConfig({ PORT: 'x', ROLE: 'y' })).toThrow(
    'ROLE must be one of web, worker, all\nPORT must be a whole number from 0 to 65535',
  );
});

test('secrets of development are made once, for all who start at once, and for their owner only', async () => {
  const dataDir = await aDataDir();

  const all = await Promise.all(Array.from({ length: 8 }, () => loadDevSecrets(dataDir)));

  expect(new Set(all.map((secrets) => JSON.stringify(secrets))).size).toBe(1);
  expect(await loadDevSecrets(dataDir)).toEqual(all[0]);
  expect(all[0]?.secretKey).toHaveLength(32);
  const path = join(dataDir, 'dev-secrets.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).toContain(all[0]?.bootstrapOperatorToken);
});

function storageOf(url: string) {
  return readConfig({ STORAGE_URL: url }).storage;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof ConfigError ? error.problems : [];
  }
}
