import { resolve } from 'node:path';
import type { z } from 'zod';
import { type DunningDays, faultOfDunning } from '../domain/billing/dunning.ts';
import { environment, type Environment } from './environment.ts';
import type { StoragePlace } from './storage/storage-url.ts';

/** What stops a start: every problem of the configuration, one clear line for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** What a deployment decides. Null says that the variable was left out. */
export type Config = {
  nodeEnv: 'production' | 'development' | 'test';
  logLevel: Environment['LOG_LEVEL'];
  role: 'web' | 'worker' | 'all';
  host: string;
  /** 0 asks for any free port. */
  port: number;
  /** Without a trailing slash. Null: see `publicUrlAt`. */
  publicUrl: string | null;
  appUrl: string | null;
  allowedOrigins: readonly string[];
  /** How many proxies stand in front, or which networks (as `proxy-addr` names them) they are in. */
  trustProxy: number | readonly string[] | null;
  /** Absolute. */
  dataDir: string;
  /** Null: the service starts a PostgreSQL of its own. */
  databaseUrl: string | null;
  migrationDatabaseUrl: string | null;
  /** Where stored files and the tenants' keys lie. */
  storage: StoragePlace;
  smtpUrl: string | null;
  mailFrom: string | null;
  supportEmail: string | null;
  supportUrl: string | null;
  /** For how many days a backup of the database may be kept: what a certificate of deletion says of them. */
  backupRetentionDays: number;
  /** Networks in CIDR notation that webhooks may reach, over http too, beside the public internet. */
  webhookNetworks: readonly string[];
  dunning: DunningDays;
  /** 32 bytes. Null outside production only. */
  secretKey: Buffer | null;
  /** Null outside production only. */
  bootstrapOperatorToken: string | null;
  /** Null: billing is off. */
  stripe: { secretKey: string; webhookSecrets: readonly string[]; apiBase: string | null } | null;
};

/**
 * Reads the whole configuration, and is the only one who does. An empty variable counts as left out.
 * Throws a `ConfigError` that names every problem and repeats no secret.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  if (!parsed.success) throw new ConfigError([...new Set(parsed.error.issues.map(describeIssue))]);
  const problems = findContradictions(parsed.data);
  if (problems.length > 0) throw new ConfigError(problems);
  return configOf(parsed.data);
}

/** The base of every URL that is handed out: PUBLIC_URL, or this machine at the port listened on. */
export function publicUrlAt(config: Pick<Config, 'publicUrl'>, port: number): string {
  return config.publicUrl ?? `http://localhost:${port}`;
}

/** The sender of mails: MAIL_FROM, or SUPPORT_EMAIL, or `no-reply` at the host of the public URL. */
export function mailSender(config: Pick<Config, 'mailFrom' | 'supportEmail'>, publicUrl: string): string {
  return config.mailFrom ?? config.supportEmail ?? `no-reply@${new URL(publicUrl).hostname}`;
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return `${String(path[0])} ${message}`;
}

function findContradictions(env: Environment): string[] {
  const problems: string[] = [];
  if (env.NODE_ENV === 'production') {
    for (const name of ['SECRET_KEY', 'BOOTSTRAP_OPERATOR_TOKEN'] as const) {
      if (env[name] === undefined) problems.push(`${name} must be given in production`);
    }
  }
  const [key, secret] = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] as const;
  if (env[key] && !env[secret]) problems.push(`${secret} must be given with ${key}`);
  if (env[secret] && !env[key]) problems.push(`${key} must be given with ${secret}`);
  const fault = faultOfDunning(dunningOf(env));
  if (fault) problems.push(fault);
  return problems;
}

function dunningOf(env: Environment): DunningDays {
  return {
    mails: env.DUNNING_MAIL_DAYS,
    readOnly: env.DUNNING_READ_ONLY_DAYS,
    blocked: env.DUNNING_BLOCKED_DAYS,
    notice: env.DUNNING_NOTICE_DAYS,
  };
}

function configOf(env: Environment): Config {
  const dataDir = resolve(env.DATA_DIR);
  return {
    nodeEnv: env.NODE_ENV,
    logLevel: env.LOG_LEVEL,
    role: env.ROLE,
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL ?? null,
    appUrl: env.APP_URL ?? null,
    allowedOrigins: env.ALLOWED_ORIGINS,
    trustProxy: env.TRUST_PROXY ?? null,
    dataDir,
    databaseUrl: env.DATABASE_URL ?? null,
    migrationDatabaseUrl: env.MIGRATION_DATABASE_URL ?? env.DATABASE_URL ?? null,
    storage: env.STORAGE_URL ?? { kind: 'file', root: resolve(dataDir, 'storage') },
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM ?? null,
    supportEmail: env.SUPPORT_EMAIL ?? null,
    supportUrl: env.SUPPORT_URL ?? null,
    backupRetentionDays: env.BACKUP_RETENTION_DAYS,
    webhookNetworks: env.WEBHOOK_ALLOW_NETWORKS,
    dunning: dunningOf(env),
    secretKey: env.SECRET_KEY ?? null,
    bootstrapOperatorToken: env.BOOTSTRAP_OPERATOR_TOKEN ?? null,
    stripe: stripeOf(env),
  };
}

function stripeOf(env: Environment): Config['stripe'] {
  if (!env.STRIPE_SECRET_KEY || !env.STRIPE_WEBHOOK_SECRET) return null;
  return {
    secretKey: env.STRIPE_SECRET_KEY,
    webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
    apiBase: env.STRIPE_API_BASE ?? null,
  };
}
