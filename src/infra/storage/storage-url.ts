import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Where objects are kept: a folder, or a bucket of an S3 server. */
export type StoragePlace = { kind: 'file'; root: string } | S3Place;

export type S3Place = {
  kind: 's3';
  bucket: string;
  /** The server's address, asked in path style. Null: AWS. */
  endpoint: string | null;
  /** Null: as AWS's own environment says. */
  region: string | null;
  /** Before every key: empty, or ending in `/`. */
  prefix: string;
};

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const folders = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?$/;

const s3Parameters = z.strictObject({
  endpoint: z
    .string()
    .refine(isOrigin, 'needs an endpoint that is an http or https URL without path, query or credentials')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'needs a region such as eu-central-1')
    .optional(),
  prefix: z
    .string()
    .regex(folders, 'needs a prefix of plain folder names such as prod/eu')
    .transform((prefix) => prefix.replace(/\/?$/, '/'))
    .optional(),
});

/**
 * Reads STORAGE_URL: `file:.data/storage` (relative to the working directory), `file:///srv/x`, or
 * `s3://bucket?endpoint=…&region=…&prefix=…`.
 */
export const storageUrl = z
  .string()
  .trim()
  .transform((value, context): StoragePlace => {
    try {
      return /^s3:/i.test(value) ? readS3Url(value) : readFileUrl(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });

function readFileUrl(value: string): StoragePlace {
  if (!/^file:./i.test(value)) throw new Error('must be a file: or s3: URL');
  const root = /^file:\/\//i.test(value) ? fileURLToPath(value) : resolve(value.slice('file:'.length));
  return { kind: 'file', root };
}

function readS3Url(value: string): S3Place {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !bucketName.test(url.hostname) || url.port !== '' || url.hash !== '') {
    throw new Error('must name a bucket: s3://bucket');
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error('must not carry credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do');
  }
  if (!['', '/'].includes(url.pathname)) throw new Error('takes folders as s3://bucket?prefix=folder');
  const parsed = s3Parameters.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const unknown = issue?.code === 'unrecognized_keys';
    throw new Error(unknown ? 'takes endpoint, region and prefix only' : (issue?.message ?? 'is not valid'));
  }
  const { endpoint = null, region = null, prefix = '' } = parsed.data;
  return { kind: 's3', bucket: url.hostname, endpoint, region, prefix };
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(value);
  return (
    ['http:', 'https:'].includes(protocol) &&
    pathname === '/' &&
    `${search}${hash}${username}${password}` === ''
  );
}
