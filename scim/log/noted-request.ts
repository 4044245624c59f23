import type { Context, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { AnsweredRequest } from '../../src/actions/connections/provisioning-log.ts';
import type { Database, Entry } from '../../src/db/scope.ts';
import { readToken } from '../auth.ts';
import type { Answer } from '../endpoint.ts';
import { toScimError } from '../errors.ts';
import { describeBody, describeQuery } from './redacted.ts';
import type { Trace } from './trace.ts';

type Env = { Variables: { entry: Omit<Entry, 'actor'>; trace: Trace } };
type Parts = { db: Pick<Database, 'ports'>; noteRequest: (request: AnsweredRequest) => void };

const longestText = 500;

/** Notes every request once it is answered, whatever the answer is. */
export function noteRequests({ db, noteRequest }: Parts): MiddlewareHandler<Env> {
  return async (c, next) => {
    const started = performance.now();
    c.set('trace', {});
    await next();
    noteRequest({ ...describeRequest(c, db), durationMs: Math.round(performance.now() - started) });
  };
}

function describeRequest(c: Context<Env>, { ports }: Parts['db']): Omit<AnsweredRequest, 'durationMs'> {
  const { entry, trace } = c.var;
  const { origin, now } = entry;
  const slug = c.req.param('tenantSlug') ?? '';
  const token = readToken(c.req.header('authorization'));
  const failure = c.error && toScimError(c.error).body;
  const path = pathBelow(slug, c.req.path);
  const normalized = [...(trace.answer?.normalized ?? [])].map(storable);
  const refusal = failure?.detail ?? (path === '/Bulk' ? refusalsOfBulk(trace.answer) : null);
  const isTelling = refusal !== null || normalized.length > 0 || path.endsWith('/.search');
  return {
    at: now,
    sender:
      trace.tenantId === undefined
        ? { slug: storable(slug), tokenHash: ports.tokens.hash(token) }
        : { tenantId: trace.tenantId, tokenId: trace.tokenId ?? null, valid: true },
    client: origin.userAgent && storable(origin.userAgent),
    requestId: origin.requestId,
    method: c.req.method,
    path: storable(path),
    status: c.res.status,
    resourceId: resourceOf(path, trace),
    normalized,
    changes: trace.answer?.changes ?? [],
    scimType: failure?.scimType ?? null,
    refusal: refusal === null ? null : storable(refusal),
    sent: {
      query: describeQuery(c.req.url),
      body: isTelling && trace.body !== undefined ? describeBody(trace.body) : null,
    },
  };
}

/** What of a bulk request was refused, which itself is 200 (RFC 7644 §3.7.3). */
function refusalsOfBulk(answer: Answer | undefined): string | null {
  const parsed = bulkResponse.safeParse(answer?.body);
  if (!parsed.success) return null;
  const all = parsed.data.Operations;
  const [first, ...others] = all.flatMap(({ method, response }) =>
    response ? [`${method}: ${response.detail}`] : [],
  );
  return first === undefined
    ? null
    : `${others.length + 1} of ${all.length} operations were refused, the first is ${first}`;
}

const bulkResponse = z.object({
  Operations: z.array(
    z.object({ method: z.string(), response: z.object({ detail: z.string() }).optional() }),
  ),
});

/** The path below the tenant's endpoint, with one slash in front and none at its end. */
function pathBelow(slug: string, path: string): string {
  const [, ...parts] = path.split('/').filter((part) => part !== '');
  const below = parts.slice(parts.findIndex((part) => decode(part) === slug) + 1);
  return `/${below.join('/')}`;
}

/** The resource a request was about: that of its path, else the one that it created or looked at. */
function resourceOf(path: string, { answer }: Trace): string | null {
  const [type = '', id] = path.slice(1).split('/');
  if (type === 'Bulk') return type;
  if (['Users', 'Groups'].includes(type) && id !== undefined) return id === '.search' ? null : storable(id);
  const body = answer?.body ?? {};
  return answer?.changes?.[0]?.id ?? ('id' in body && typeof body.id === 'string' ? body.id : null);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A text that PostgreSQL takes, and no longer than the log needs. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '�').slice(0, longestText);
}
