import { randomUUID } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { matchedRoutes } from 'hono/route';
import { createScimApp, type ScimParts } from '../scim/app.ts';
import { createSsoApp } from '../sso/app.ts';
import { makeSpKeyMaterial } from '../sso/key-material.ts';
import { checkSsoUrl, readIdpCertificates, readIdpMetadata } from '../sso/metadata.ts';
import type { MailPlaces } from './actions/notifications/written-mail.ts';
import { listDocumentKeys } from './actions/operations/document-keys.ts';
import { type Activity, noteSessions } from './api/activity.ts';
import { type ApiCalls, countSessions } from './api/api-calls.ts';
import { createHealthApi } from './api/health.ts';
import { createCertificates } from './api/pages/certificates.ts';
import { createPages } from './api/pages/pages.ts';
import { createAuthApi } from './api/rest/auth.ts';
import type { ApiEnv } from './api/rest/env.ts';
import { createFilesApi } from './api/rest/files.ts';
import { createIntrospectApi } from './api/rest/introspect.ts';
import { answerProblem, problem } from './api/rest/problems.ts';
import { createStripeWebhook } from './api/rest/stripe.ts';
import type { SessionTokens } from './api/session-tokens.ts';
import { limitBody } from './api/input.ts';
import { discardUnreadBody } from './api/unread-body.ts';
import { createTrpcApi } from './api/trpc/handler.ts';
import type { RouterParts } from './api/trpc/base.ts';
import { createWelcomeApi } from './api/welcome.ts';
import type { ControlPool } from './db/control-pool.ts';
import type { Database } from './db/scope.ts';
import type { Throttle } from './db/throttle.ts';
import { scimCalls } from './domain/plans/api-calls.ts';
import type { Ports } from './domain/ports.ts';
import { Refusal } from './domain/refusal.ts';
import type { FindClientAddress } from './infra/client-address.ts';
import type { Log } from './infra/log.ts';
import type { Metrics } from './infra/metrics.ts';

export type AppParts = {
  db: Database;
  ports: Ports;
  pool: ControlPool;
  throttle: Throttle;
  sessionTokens: SessionTokens;
  activity: Activity;
  calls: ApiCalls;
  noteRequest: ScimParts['noteRequest'];
  metrics: Metrics;
  log: Log;
  publicUrl: string;
  /** Where links of mails lead. */
  places: MailPlaces;
  appUrl: string | null;
  allowedOrigins: readonly string[];
  support: { supportEmail: string | null; supportUrl: string | null };
  version: string;
  findClientAddress: FindClientAddress;
  lastSweepAt: (() => Date | null) | undefined;
  /** Whether the process answers callers, or only says how it is. */
  serves: boolean;
};

/** What the tRPC router needs of SAML, from the entry point that knows it. */
const saml: RouterParts['saml'] = {
  readIdpMetadata,
  readIdpFields: ({ entityId, ssoUrl, certificates }) => ({
    entityId,
    ssoUrl: checkSsoUrl(ssoUrl),
    ssoBinding: 'redirect',
    certificates: readIdpCertificates(certificates),
  }),
  makeSpKeyMaterial,
};

/** Everything the service answers, each entry point at its place. */
export function createApp(parts: AppParts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  readEntry(app, parts);
  app.route('/', createHealthApi(parts));
  app.route('/', createWelcomeApi(parts));
  if (parts.serves) {
    app.route(
      '/scim/v2/:tenantSlug',
      createScimApp({ ...parts, countCall: countScim(parts), people: asPeople(parts) }),
    );
    app.route('/sso', createSsoApp(parts));
    app.route('/', createPages(parts));
    app.route('/certificates', createCertificates(parts));
    app.route('/', createStripeWebhook(parts));
    app.route('/', createJsonApi(parts));
  }
  app.notFound((c) => {
    const methods = app.routes.filter(({ path }) => path === c.req.path).map(({ method }) => method);
    if (methods.length === 0)
      return answerProblem(new Refusal('NOT_FOUND', 'there is nothing here'), c, parts.log);
    c.header('allow', methods.join(', '));
    return problem(
      c,
      { status: 405, title: 'Method not allowed' },
      { detail: `this takes ${methods.join(', ')}` },
    );
  });
  app.onError((error, c) => answerProblem(error, c, parts.log));
  return app;
}

/** A directory's calls are counted apart from people's. */
const countScim =
  ({ calls }: AppParts): ScimParts['countCall'] =>
  (origin, tenantId, wanted) =>
    calls.take(origin, { budget: 'scim', tenantId, allowed: scimCalls, calls: wanted });

/** How SCIM knows people, who are counted and noted as everywhere. */
function asPeople({ db, activity, calls, sessionTokens }: AppParts): ScimParts['people'] {
  const anonymous = { actor: { kind: 'anonymous' } } as const;
  return {
    async findSession(entry, token) {
      const claims = await sessionTokens.verify({ ...entry, ...anonymous }, token);
      return claims && { tenantId: claims.tid, sessionId: claims.sid };
    },
    db: countSessions(noteSessions(db, activity), calls, 'request'),
  };
}

/** `/api`, `/trpc` and the published keys. */
function createJsonApi(all: AppParts): Hono<ApiEnv> {
  const { sessionTokens, activity, calls } = all;
  const noted = noteSessions(all.db, activity);
  const parts = { ...all, db: countSessions(noted, calls, 'request') };
  const app = new Hono<ApiEnv>();
  // Files are as large as they are: they come before what limits the bodies of all else.
  app.route('/api/projects', createFilesApi(parts));
  app.use('/api/*', limitBody);
  app.route('/api/auth', createAuthApi(parts));
  app.route('/api/auth', createIntrospectApi(parts));
  app.route('/', createTrpcApi({ ...parts, db: countSessions(noted, calls, 'procedure'), saml }));
  app.get('/.well-known/jwks.json', async (c) => {
    c.header('cache-control', 'public, max-age=300');
    return c.json(await sessionTokens.jwks({ ...c.var.entry, actor: { kind: 'anonymous' } }));
  });
  app.get('/.well-known/document-keys.json', async (c) => {
    c.header('cache-control', 'public, max-age=300');
    return c.json(
      await parts.db.asControlPlane({ ...c.var.entry, actor: { kind: 'anonymous' } }, listDocumentKeys),
    );
  });
  return app;
}

/** Reads moment and origin of every request, names it, and measures its answer. */
function readEntry(app: Hono<ApiEnv>, { findClientAddress, calls, metrics, log }: AppParts): void {
  app.use(async (c, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    const ip = findClientAddress(socketAddress(c), c.req.header('x-forwarded-for'));
    const userAgent = c.req.header('user-agent')?.slice(0, 500) ?? null;
    const origin = { requestId, ip, userAgent };
    c.set('entry', { now: new Date(), origin });
    await next();
    discardUnreadBody(c);
    c.header('x-request-id', requestId);
    const limits = Object.entries(calls.headersOf(origin, c.res.status));
    for (const [name, value] of limits) c.header(name, value);
    const milliseconds = performance.now() - started;
    const { method } = c.req;
    const { status } = c.res;
    // The pattern, so that ids do not become names of metrics.
    const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path ?? 'none';
    metrics.observeRequest({ method, route, status, seconds: milliseconds / 1000 });
    log.debug({ requestId, method, path: c.req.path, status, milliseconds }, 'answered');
  });
}

// Requests made inside the process, as tests do, have no socket.
function socketAddress(c: Parameters<typeof getConnInfo>[0]): string | undefined {
  return c.env && 'incoming' in c.env ? getConnInfo(c).remote.address : undefined;
}
