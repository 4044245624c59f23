import { type Context, Hono, type Next } from 'hono';
import { authorize } from '../src/domain/permissions.ts';
import { Refusal } from '../src/domain/refusal.ts';
import type { AnsweredRequest } from '../src/actions/connections/provisioning-log.ts';
import type { Database, Entry, Origin } from '../src/db/scope.ts';
import type { Log } from '../src/infra/log.ts';
import { authenticateDirectory, readToken } from './auth.ts';
import { type Answer, type Batch, type Endpoint, methods, type Route, type ScimCall } from './endpoint.ts';
import { type ErrorStatus, ProtocolError, type ScimError, scimMediaType, toScimError } from './errors.ts';
import { noteRequests } from './log/noted-request.ts';
import type { Trace } from './log/trace.ts';
import { answerPerson, type People } from './me.ts';
import { readPreconditions } from './preconditions.ts';
import { parseJson, readText } from './request-body.ts';
import { routes } from './routes.ts';

export type ScimEnv = { Variables: { entry: Omit<Entry, 'actor'>; trace: Trace } };
export type ScimParts = {
  db: Database;
  /** Counts calls of the tenant's directory, all or none: refuses with `RATE_LIMITED`. */
  countCall(origin: Origin, tenantId: string, calls: number): Promise<void>;
  people: People;
  /** Keeps an answered request for the provisioning log. */
  noteRequest: (request: AnsweredRequest) => void;
  publicUrl: string;
  log: Log;
};

/**
 * SCIM 2.0 for one tenant's directory, to be mounted where `:tenantSlug` names the tenant. Every answer and
 * every error is `application/scim+json`. In this order: 404 and 405, 401, 429, 415 and 413, then status and plan
 * of the tenant, then what was asked.
 */
export function createScimApp(parts: ScimParts): Hono<ScimEnv> {
  const app = new Hono<ScimEnv>();
  for (const path of spell('/Me')) app.all(path, (c, next) => answerMe(c, parts, next));
  // What people ask for themselves is no matter of their directory's.
  app.use(noteRequests(parts));
  for (const route of routes) {
    for (const path of spell(route.path)) app.all(path, (c) => answerRoute(c, parts, route));
  }
  app.all('*', () => {
    throw new ProtocolError(404, 'there is no such endpoint');
  });
  app.onError((error, c) => answerError(error, c, parts.log));
  return app;
}

/** A slash at the end is tolerated, and one that a base URL with a slash at its end brings in front. */
function spell(path: string): string[] {
  return [path, `${path}/`, `/${path}`, `/${path}/`];
}

/** A person's own access token is taken at `/Me` alone; whoever shows another is answered as everywhere. */
async function answerMe(c: Context<ScimEnv>, parts: ScimParts, next: Next): Promise<Response | void> {
  const slug = c.req.param('tenantSlug') ?? '';
  const baseUrl = `${parts.publicUrl}/scim/v2/${slug}`;
  const token = readToken(c.req.header('authorization'));
  const answer = await answerPerson(parts.people, { entry: c.var.entry, slug, token, baseUrl }, c.req);
  return answer ? send(c, answer) : next();
}

async function answerRoute(c: Context<ScimEnv>, parts: ScimParts, route: Route): Promise<Response> {
  const endpoint = findEndpoint(c, route);
  const { entry, trace } = c.var;
  const slug = c.req.param('tenantSlug') ?? '';
  const authorization = c.req.header('authorization');
  const { tenantId, actor, seen } = await authenticateDirectory(parts.db, entry, { slug, authorization });
  Object.assign(trace, { tenantId, tokenId: actor.id });
  const countCalls = (calls: number) => parts.countCall(entry.origin, tenantId, calls);
  await countCalls(1);
  const text = ['POST', 'PUT', 'PATCH'].includes(c.req.method) ? await readText(c.req.raw) : '';
  const call: ScimCall = {
    baseUrl: `${parts.publicUrl}/scim/v2/${slug}`,
    query: new URL(c.req.url).searchParams,
    id: c.req.param('id') ?? '',
    preconditions: readPreconditions(c.req.raw.headers),
    readBody: () => (trace.body = parseJson(text)),
    inScope: (work) =>
      parts.db.inTenant({ ...entry, tenantId, actor, seen }, (scope) => {
        authorize(scope.actor, scope.tenant, 'scim.read');
        return work(scope);
      }),
    countCalls,
    explain: (failure) => explain(failure, entry.origin, parts.log),
  };
  const answer =
    typeof endpoint === 'function'
      ? await call.inScope(async (scope) => endpoint({ ...call, scope }))
      : await endpoint.batch(call);
  trace.answer = answer;
  noteLeniencies(answer, { tenantId, requestId: entry.origin.requestId }, parts.log);
  return send(c, answer);
}

/** Decided before anything is read: Okta's test posts to the discovery paths what is no JSON, and expects 405. */
function findEndpoint(c: Context<ScimEnv>, { endpoints }: Route): Endpoint | Batch {
  const wanted = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const method = methods.find((one) => one === wanted);
  const endpoint = method && endpoints[method];
  if (endpoint) return endpoint;
  c.header('allow', methods.filter((one) => endpoints[one]).join(', '));
  throw new ProtocolError(405, `this path does not take ${c.req.method}`);
}

function noteLeniencies({ normalized = [] }: Answer, from: Record<string, string>, log: Log): void {
  const rules = [...normalized];
  if (rules.length > 0) log.debug({ ...from, rules }, 'tolerated what a directory sent');
}

function send(c: Context<ScimEnv>, { status, body, headers = {} }: Answer): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (status === 204 || status === 304 || !body) return c.body(null, status);
  return c.body(JSON.stringify(body), status, { 'content-type': scimMediaType });
}

function answerError(failure: unknown, c: Context<ScimEnv>, log: Log): Response {
  const { status, body } = explain(failure, c.var.entry.origin, log);
  if (status === 401) c.header('www-authenticate', 'Bearer realm="SCIM"');
  const retryAfter = failure instanceof Refusal ? failure.data['retryAfterSeconds'] : undefined;
  if (typeof retryAfter === 'number') c.header('retry-after', String(retryAfter));
  return c.body(JSON.stringify(body), status, { 'content-type': scimMediaType });
}

function explain(
  failure: unknown,
  { requestId }: Origin,
  log: Log,
): { status: ErrorStatus; body: ScimError } {
  const said = toScimError(failure);
  if (said.status === 500) log.error({ err: failure, requestId }, 'a SCIM request failed by a bug');
  return said;
}
