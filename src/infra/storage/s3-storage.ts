import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { FileBody } from '../durable-file.ts';
import { type ByteRange, checkKey, checkPrefix, type Storage, type StoredObject } from '../storage.ts';
import type { S3Place } from './storage-url.ts';

/** Of one upload, so many parts of this size are in memory at once. S3 takes none smaller, and 10,000 at most. */
const partBytes = 8 * 1024 * 1024;
const partsAtOnce = 2;

type Bucket = { client: S3Client; name: string; prefix: string };

/**
 * Storage in a bucket of an S3 server. A large object arrives in parts that appear together or are thrown away.
 * `create` needs a server that honours `If-None-Match: *` on a put: `refuseUnfitBucket` finds out.
 */
export function createS3Storage(place: S3Place): Storage {
  const bucket: Bucket = { client: connect(place), name: place.bucket, prefix: place.prefix };
  const at = (key: string) => ({ Bucket: bucket.name, Key: bucket.prefix + checkKey(key) });
  return {
    put: (key, body) => upload(bucket.client, at(key), body),
    create: (key, body) => createObject(bucket.client, at(key), body),
    async get(key) {
      const found = await unlessMissing(() => bucket.client.send(new GetObjectCommand(at(key))));
      return found && Buffer.from((await found.Body?.transformToByteArray()) ?? []);
    },
    read: (key, range) => openObject(bucket.client, at(key), range),
    async size(key) {
      const found = await unlessMissing(() => bucket.client.send(new HeadObjectCommand(at(key))));
      return found && (found.ContentLength ?? 0);
    },
    async delete(key) {
      await bucket.client.send(new DeleteObjectCommand(at(key)));
    },
    list: (prefix) => listObjects(bucket, prefix),
    tidy: (before) => abortUploads(bucket, before),
  };
}

/**
 * Throws what makes a bucket unfit, in one line: no access to it, old versions that it keeps (a destroyed key would
 * come back), or a server that overwrites where it was asked to create.
 */
export async function refuseUnfitBucket(place: S3Place, storage: Storage): Promise<void> {
  const versioning = await readVersioning(connect(place), place.bucket);
  if (versioning === 'Enabled') {
    throw new Error(
      'it keeps old versions of objects, so that a tenant’s destroyed key would still be there',
    );
  }
  const mark = 'Tenantry keeps its files and its tenants’ keys here.\n';
  await storage.create('about.txt', mark);
  if (await storage.create('about.txt', mark)) {
    throw new Error(
      'its server does not honour If-None-Match on a put, which keeps a tenant’s key from being replaced',
    );
  }
}

function connect({ endpoint, region }: S3Place): S3Client {
  const agent = { maxSockets: 500 };
  const common = {
    // A download holds its socket for as long as its reader takes.
    requestHandler: {
      connectionTimeout: 5000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(region === null ? {} : { region }),
  };
  if (endpoint === null) return new S3Client(common);
  // Other servers know neither the bucket as a host nor every checksum that AWS has added since.
  return new S3Client({
    region: 'us-east-1',
    ...common,
    endpoint,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

type ObjectAddress = { Bucket: string; Key: string };

async function upload(client: S3Client, address: ObjectAddress, body: FileBody): Promise<number> {
  let bytes = 0;
  async function* counted() {
    const chunks =
      typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  const stream = Readable.from(counted(), { objectMode: false });
  const params = { ...address, Body: stream };
  try {
    await new Upload({ client, params, partSize: partBytes, queueSize: partsAtOnce }).done();
  } finally {
    stream.destroy();
  }
  return bytes;
}

/** Of several at once S3 lets one through; it may answer 409 to the others while that one is under way. */
async function createObject(
  client: S3Client,
  address: ObjectAddress,
  body: string | Uint8Array,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new PutObjectCommand({ ...address, Body: body, IfNoneMatch: '*' }));
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      if (statusOf(error) !== 409 || attempt === 10) throw error;
      await delay(20 * attempt);
    }
  }
}

async function openObject(client: S3Client, address: ObjectAddress, range?: ByteRange) {
  const Range = range && `bytes=${range.start}-${range.end}`;
  const found = await unlessMissing(() => client.send(new GetObjectCommand({ ...address, Range })));
  if (!found) return null;
  if (!(found.Body instanceof Readable)) throw new Error('the S3 server answered without a body');
  return { stream: found.Body, bytes: wholeSize(found.ContentRange, found.ContentLength) };
}

/** `bytes 0-4/11` ends with the size of the whole object. */
function wholeSize(contentRange: string | undefined, contentLength = 0): number {
  return contentRange === undefined ? contentLength : Number(contentRange.split('/')[1]);
}

async function* listObjects({ client, name, prefix }: Bucket, start: string): AsyncIterable<StoredObject> {
  const pages = paginateListObjectsV2({ client }, { Bucket: name, Prefix: prefix + checkPrefix(start) });
  for await (const { Contents = [] } of pages) {
    for (const { Key = '', Size = 0, LastModified = new Date(0) } of Contents) {
      yield { key: Key.slice(prefix.length), bytes: Size, storedAt: LastModified };
    }
  }
}

async function abortUploads(bucket: Bucket, before: Date): Promise<number> {
  let aborted = 0;
  for await (const { Key, UploadId, Initiated } of listUploads(bucket)) {
    if (!Initiated || Initiated >= before) continue;
    const address = { Bucket: bucket.name, Key, UploadId };
    await unlessMissing(() => bucket.client.send(new AbortMultipartUploadCommand(address)));
    aborted += 1;
  }
  return aborted;
}

async function* listUploads({ client, name, prefix }: Bucket): AsyncIterable<MultipartUpload> {
  let markers = {};
  for (;;) {
    const page = await client.send(
      new ListMultipartUploadsCommand({ Bucket: name, Prefix: prefix, ...markers }),
    );
    yield* page.Uploads ?? [];
    if (!page.IsTruncated) return;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

async function readVersioning(client: S3Client, name: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetBucketVersioningCommand({ Bucket: name }))).Status;
  } catch (error) {
    // A server without versions says that it does not know the question.
    if (statusOf(error) === 501) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof S3ServiceException && ['NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(error.name))
      return null;
    throw error;
  }
}
