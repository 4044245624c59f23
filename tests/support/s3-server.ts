import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';
import { onTestFinished } from 'vitest';
import type { S3Place } from '../../src/infra/storage/storage-url.ts';

// As in production, the credentials are AWS's usual variables.
process.env['AWS_ACCESS_KEY_ID'] ??= 'tenantry-tests';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'not a secret';

export type S3Server = Awaited<ReturnType<typeof startS3Server>>;

/**
 * A real S3 server on a free port, in memory. It is fauxqs, which lacks one thing that S3 has: `If-None-Match: *` on a
 * put. With `conditionalPuts` this stands in front of it, as Amazon documents it.
 */
export async function startS3Server({ conditionalPuts = true } = {}) {
  const app = buildApp({ logger: false });
  const requests: string[] = [];
  const turns = new Map<string, Promise<unknown>>();
  app.addHook('onResponse', async ({ method, url }) => void requests.push(`${method} ${url}`));
  app.addHook('preHandler', async (request, reply) => {
    if (!conditionalPuts || request.method !== 'PUT' || request.headers['if-none-match'] !== '*') return;
    const { url } = request;
    const turn = Promise.withResolvers<void>();
    const before = turns.get(url);
    turns.set(url, turn.promise);
    reply.raw.once('close', () => turn.resolve());
    await before;
    const { statusCode } = await app.inject({ method: 'HEAD', url });
    if (statusCode === 404) return;
    await reply.code(412).type('application/xml').send('<Error><Code>PreconditionFailed</Code></Error>');
  });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    endpoint,
    /** What it was asked, as `PUT /bucket/key?uploadId=…`. */
    requests,
    aBucket: (): Promise<S3Place> => aBucketAt(endpoint),
    stop: () => app.close(),
  };
}

/** Like `startS3Server`, for one test. */
export async function anS3Server(options: { conditionalPuts?: boolean } = {}): Promise<S3Server> {
  const server = await startS3Server(options);
  onTestFinished(() => server.stop());
  return server;
}

/** A fresh bucket on the S3 server at this address. */
export async function aBucketAt(endpoint: string, prefix = ''): Promise<S3Place> {
  const bucket = `t-${randomUUID()}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { kind: 's3', bucket, endpoint, region: null, prefix };
}
