import { isIP } from 'node:net';
import { z } from 'zod';
import { defaultDunningDays } from '../domain/billing/dunning.ts';
import { storageUrl } from './storage/storage-url.ts';

const text = z.string().trim();
const webUrl = text
  .refine((value) => hasScheme(value, 'http:', 'https:'), 'must be an http or https URL')
  .refine((value) => !/[?#]/.test(value), 'must be a URL without query and fragment')
  .transform((value) => value.replace(/\/+$/, ''));
const databaseUrl = text.refine(
  (value) => hasScheme(value, 'postgres:', 'postgresql:'),
  'must be a postgres:// URL',
);
const list = text.transform((value) => value.split(/[\s,]+/).filter((part) => part !== ''));
const origin = z
  .string()
  .refine(
    (value) => hasScheme(value, 'http:', 'https:'),
    'must be http or https origins, separated by commas',
  )
  .transform((value) => new URL(value).origin);
const network = z
  .string()
  .refine(
    isNetwork,
    'must be a number of hops, or addresses and networks such as 10.0.0.0/8, separated by commas',
  );
const cidr = z
  .string()
  .refine(isCidr, 'must be networks such as 10.0.0.0/8 or fd00::/8, separated by commas');
const days = z
  .string()
  .regex(/^\d{1,3}$/, 'must be whole numbers of days from 0 to 999, separated by commas')
  .transform(Number);
const wholeNumber = /^\d{1,5}$/;

function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** The variables as they are written in the environment, each turned into what it means. */
export const environment = z.object({
  NODE_ENV: oneOf(['production', 'development', 'test']).default('development'),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ROLE: oneOf(['web', 'worker', 'all']).default('all'),
  HOST: text.default('127.0.0.1'),
  PORT: text
    .refine(
      (value) => wholeNumber.test(value) && Number(value) <= 65_535,
      'must be a whole number from 0 to 65535',
    )
    .transform(Number)
    .default(3000),
  PUBLIC_URL: webUrl.optional(),
  APP_URL: webUrl.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(origin)).default([]),
  TRUST_PROXY: z
    .union([text.regex(wholeNumber).transform(Number), list.pipe(z.array(network))], {
      error: 'must be a number of hops, or addresses and networks such as 10.0.0.0/8, separated by commas',
    })
    .optional(),
  DATA_DIR: text.default('.data'),
  DATABASE_URL: databaseUrl.optional(),
  MIGRATION_DATABASE_URL: databaseUrl.optional(),
  STORAGE_URL: storageUrl.optional(),
  SMTP_URL: text
    .refine((value) => hasScheme(value, 'smtp:', 'smtps:'), 'must be an smtp:// or smtps:// URL')
    .optional(),
  MAIL_FROM: text.min(3).optional(),
  SUPPORT_EMAIL: z.email({ error: 'must be an e-mail address' }).optional(),
  SUPPORT_URL: webUrl.optional(),
  BACKUP_RETENTION_DAYS: text
    .regex(/^\d{1,4}$/, 'must be a whole number of days from 0 to 9999')
    .transform(Number)
    .default(35),
  DUNNING_MAIL_DAYS: list.pipe(z.array(days)).default([...defaultDunningDays.mails]),
  DUNNING_READ_ONLY_DAYS: days.default(defaultDunningDays.readOnly),
  DUNNING_BLOCKED_DAYS: days.default(defaultDunningDays.blocked),
  DUNNING_NOTICE_DAYS: days.default(defaultDunningDays.notice),
  WEBHOOK_ALLOW_NETWORKS: list.pipe(z.array(cidr)).default([]),
  SECRET_KEY: text
    .refine(
      (value) => /^[A-Za-z0-9+/_-]{43}=?$/.test(value),
      'must be 32 bytes in base64: `openssl rand -base64 32` makes one',
    )
    .transform((value) => Buffer.from(value, 'base64'))
    .optional(),
  BOOTSTRAP_OPERATOR_TOKEN: text
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters without spaces')
    .optional(),
  STRIPE_SECRET_KEY: text.optional(),
  STRIPE_WEBHOOK_SECRET: list
    .pipe(z.array(z.string()).min(1).max(2, 'must be one secret, or two while they are changed'))
    .optional(),
  STRIPE_API_BASE: webUrl.optional(),
});

export type Environment = z.output<typeof environment>;

function hasScheme(value: string, ...schemes: string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol) && new URL(value).hostname !== '';
}

/** What `proxy-addr` takes: an address, a network in CIDR or netmask notation, or one of its names. */
function isNetwork(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true;
  const [address = '', mask, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (mask === undefined) return true;
  return isIP(mask) === 4 || (/^\d{1,3}$/.test(mask) && Number(mask) <= (family === 4 ? 32 : 128));
}

/** A network in CIDR notation. */
function isCidr(value: string): boolean {
  const [address = '', length = '', ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  return Number(length) <= (family === 4 ? 32 : 128);
}
