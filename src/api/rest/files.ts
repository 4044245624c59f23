import type { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { fileInput, type OpenFile, openFile, readFile, removeFile } from '../../actions/files/files.ts';
import {
  beginUpload,
  dropUpload,
  finishUpload,
  receiveUpload,
  type Upload,
} from '../../actions/files/uploads.ts';
import { contentTypeOf, largestFileBytes } from '../../domain/files.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Database, TenantScope } from '../../db/scope.ts';
import { identifyCaller } from '../caller.ts';
import { openCallersTenant } from '../callers-tenant.ts';
import { BodyTooLarge, invalidInput, PreconditionFailed } from '../input.ts';
import type { SessionTokens } from '../session-tokens.ts';
import type { ApiEnv } from './env.ts';
import {
  attachment,
  judgeReading,
  mayWrite,
  type Range,
  readConditions,
  readDigest,
  readRange,
} from './file-headers.ts';
import { problem } from './problems.ts';

type FilesParts = { db: Database; ports: Ports; sessionTokens: SessionTokens };
/** Node's own request stands behind ours. */
type FilesEnv = ApiEnv & { Bindings: { incoming: Readable } };
type InTenant = <T>(work: (scope: TenantScope) => Promise<T>) => Promise<T>;

const path = '/:projectId/files/:name';

/** The files of projects (`/api/projects`), in and out as streams. */
export function createFilesApi(parts: FilesParts): Hono<FilesEnv> {
  const { ports } = parts;
  const app = new Hono<FilesEnv>();

  app.put(path, async (c) => {
    const inTenant = await openerFor(c, parts);
    const asked = readUpload(c);
    const upload = await inTenant((scope) => beginUpload(scope, asked));
    const received = await receiveUpload(ports, upload, bodyOf(c));
    const { file, replaced } = await finish(ports, upload, (finished) =>
      inTenant(async (scope) => finished(await finishUpload(scope, upload, received))),
    );
    c.header('etag', file.etag);
    return c.json(file, replaced ? 200 : 201);
  });

  app.get(path, async (c) => {
    const inTenant = await openerFor(c, parts);
    const asked = readNames(c);
    // The bytes of a file that was replaced may go between the look at it and the look at them.
    for (let look = 1; look <= 2; look += 1) {
      const file = await inTenant((scope) => openFile(scope, asked));
      const answer = await answerWith(c, ports, file);
      if (answer) return answer;
    }
    throw new Error(`the bytes of a file of the project ${asked.projectId} are missing`);
  });

  app.delete(path, async (c) => {
    const inTenant = await openerFor(c, parts);
    const asked = readNames(c);
    await inTenant((scope) => removeFile(scope, asked, expectationOf(c)));
    return c.body(null, 204);
  });

  return app;
}

async function openerFor(c: Context<FilesEnv>, parts: FilesParts): Promise<InTenant> {
  const { entry } = c.var;
  const anonymous = { ...entry, actor: { kind: 'anonymous' as const } };
  const caller = await identifyCaller(parts, anonymous, c.req.header('authorization'));
  const tenantId = c.req.query('tenantId');
  if (tenantId !== undefined && !z.uuid().safeParse(tenantId).success) {
    throw new Refusal('INVALID_INPUT', 'tenantId: not the id of a tenant');
  }
  return (work) => openCallersTenant({ db: parts.db, entry, caller, tenantId }, work);
}

function readNames(c: Context<FilesEnv>) {
  if (!z.uuid().safeParse(c.req.param('projectId')).success) {
    throw new Refusal('NOT_FOUND', 'no such project');
  }
  const [, encoded = ''] = /\/files\/([^/]*)$/.exec(new URL(c.req.url).pathname) ?? [];
  const parsed = fileInput.safeParse({ projectId: c.req.param('projectId'), name: decode(encoded) });
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal('INVALID_INPUT', 'name: is not UTF-8 in percent-encoding');
  }
}

function readUpload(c: Context<FilesEnv>) {
  const header = (name: string) => c.req.header(name);
  if (header('content-range') !== undefined || header('content-encoding') !== undefined) {
    throw new Refusal('INVALID_INPUT', 'send a file whole and as it is, without a range or an encoding');
  }
  const declared = header('content-length');
  const declaredBytes = declared === undefined ? null : Number(declared);
  if (declaredBytes !== null && declaredBytes > largestFileBytes) throw tooLarge();
  return {
    ...readNames(c),
    contentType: contentTypeOf(header('content-type')),
    declaredBytes,
    sha256: readDigest(header),
    expect: expectationOf(c),
  };
}

function expectationOf(c: Context<FilesEnv>) {
  const conditions = readConditions((name) => c.req.header(name));
  return (file: { etag: string } | null) => {
    if (!mayWrite(conditions, file?.etag ?? null)) throw new PreconditionFailed();
  };
}

/**
 * The body as it comes. Who stops reading leaves the rest to the server, which lets a sender finish that much that it
 * reads why it was refused: a web stream that was begun would stand in its way.
 */
async function* bodyOf(c: Context<FilesEnv>): AsyncIterable<Uint8Array> {
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = c.env.incoming.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > largestFileBytes) throw tooLarge();
    yield chunk;
  }
}

function tooLarge(): BodyTooLarge {
  return new BodyTooLarge(`a file has ${largestFileBytes} bytes at most`);
}

type Finished = Awaited<ReturnType<typeof finishUpload>>;

/** Deletes the bytes of an upload whose transaction is surely undone; who is not sure leaves them to the night. */
async function finish(
  ports: Ports,
  upload: Upload,
  inTransaction: (finished: (answer: Finished) => Finished) => Promise<Finished>,
): Promise<Finished> {
  let mayBeCommitted = false;
  try {
    return await inTransaction((answer) => {
      mayBeCommitted = true;
      return answer;
    });
  } catch (error) {
    if (!mayBeCommitted || error instanceof Refusal) await dropUpload(ports, upload);
    throw error;
  }
}

/** Answers with a file, or what a request wants of it; `null` where its bytes are not there. */
async function answerWith(c: Context<FilesEnv>, ports: Ports, file: OpenFile): Promise<Response | null> {
  const version = { etag: file.etag, modifiedAt: new Date(file.updatedAt), bytes: file.bytes };
  const conditions = readConditions((name) => c.req.header(name));
  const judgement = judgeReading(conditions, version);
  if (judgement === 'failed') throw new PreconditionFailed();
  const caching = {
    etag: file.etag,
    'last-modified': version.modifiedAt.toUTCString(),
    'cache-control': 'private, no-cache',
  };
  if (judgement === 'unchanged') return c.body(null, 304, caching);
  const isHead = c.req.method === 'HEAD';
  const range = isHead ? null : readRange(c.req.header('range'), conditions, version);
  if (range === 'unsatisfiable') {
    c.header('content-range', `bytes */${file.bytes}`);
    return problem(
      c,
      { status: 416, title: 'Range not satisfiable' },
      { detail: `the file has ${file.bytes} bytes` },
    );
  }
  const headers = { ...caching, ...headersOf(file, range) };
  if (isHead) return c.body(null, 200, headers);
  const bytes = await readFile(ports, file, range);
  return bytes && c.body(streamOf(bytes), range ? 206 : 200, headers);
}

/** How a file is told to be saved rather than shown, whatever it says that it is. */
function headersOf(file: OpenFile, range: Range | null): Record<string, string> {
  return {
    'content-type': file.contentType,
    'content-length': String(range ? range.end - range.start + 1 : file.bytes),
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${file.bytes}` } : {}),
    'accept-ranges': 'bytes',
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    'content-disposition': attachment(file.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  };
}

/** Bytes as a stream that is read as fast as its reader takes it, and let go when the reader leaves. */
function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
