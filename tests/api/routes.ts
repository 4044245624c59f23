import { createActivity } from '../../src/api/activity.ts';
import { createSessionTokens } from '../../src/api/session-tokens.ts';
import { createApiCalls } from '../../src/api/api-calls.ts';
import { createApp } from '../../src/app.ts';
import { createCallCounter } from '../../src/db/calls/call-counter.ts';
import { openControlPool } from '../../src/db/control-pool.ts';
import { createThrottle } from '../../src/db/throttle.ts';
import {
  createAccessTokens,
  importSigningKey,
  importVerificationKeys,
} from '../../src/infra/access-tokens.ts';
import { clientAddressFinder } from '../../src/infra/client-address.ts';
import { createLog } from '../../src/infra/log.ts';
import { createMetrics } from '../../src/infra/metrics.ts';
import type { Answer } from '../support/http.ts';
import type { World } from '../support/world.ts';

export type Route = { method: string; path: string };

/** What answers without a bearer token, and why that is right. */
export const open: Readonly<Record<string, string>> = {
  'GET /': 'says what this is',
  'GET /healthz': 'asked by the platform',
  'GET /readyz': 'asked by the platform',
  'GET /metrics': 'scraped inside the network; holds numbers alone',
  'GET /.well-known/jwks.json': 'public keys',
  'GET /.well-known/document-keys.json': 'public keys',
  'GET /certificates/:token': 'a page whose mailed token is the credential',
  'GET /certificates/:file{.+\\.json}': 'the mailed token in its name is the credential',
  'POST /api/auth/register': 'anybody may open a tenant',
  'POST /api/auth/login': 'the password is the credential',
  'POST /api/auth/refresh': 'the refresh token in the body is the credential',
  'POST /api/auth/logout': 'the refresh token in the body is the credential; says nothing about others',
  'POST /api/auth/exchange': 'the one-time code is the credential',
  'POST /api/auth/verify-email': 'the mailed token is the credential',
  'POST /api/auth/forgot-password': 'answers everybody alike',
  'POST /api/auth/reset-password': 'the mailed token is the credential',
  'POST /api/auth/accept-invitation': 'the mailed token is the credential',
  'GET /verify-email': 'a page whose mailed token is the credential',
  'POST /verify-email': 'a page whose mailed token is the credential',
  'GET /reset-password': 'a page whose mailed token is the credential',
  'POST /reset-password': 'a page whose mailed token is the credential',
  'GET /accept-invitation': 'a page whose mailed token is the credential',
  'POST /accept-invitation': 'a page whose mailed token is the credential',
  'POST /webhooks/stripe': "Stripe's signature over the body is the credential",
  'GET /signed-in': 'the page behind a sign-in; it knows nobody',
};

/** Browsers come to single sign-on without a token: it is how they get one. Its own tests guard it. */
const openFolders = ['/sso'];

/** The routes of an app made as the service makes it. */
export function listRoutes(world: World): Route[] {
  const pool = openControlPool(world.database.loginUrl);
  const codec = {
    tokens: createAccessTokens({ issuer: world.url }),
    importSigningKey,
    importVerificationKeys,
  };
  const log = createLog({ level: 'fatal', format: 'json' });
  const activity = createActivity({ db: world.db, log });
  const metrics = createMetrics();
  const app = createApp({
    db: world.db,
    activity,
    calls: createApiCalls({ counter: createCallCounter(pool), metrics, log }),
    noteRequest: () => undefined,
    ports: world.ports,
    pool,
    throttle: createThrottle(pool),
    sessionTokens: createSessionTokens({ db: world.db, codec, activity }),
    metrics,
    log,
    publicUrl: world.url,
    places: { link: () => world.url, supportEmail: null, supportUrl: null },
    appUrl: null,
    allowedOrigins: [],
    support: { supportEmail: null, supportUrl: null },
    version: '0.0.0-test',
    findClientAddress: clientAddressFinder(null),
    lastSweepAt: undefined,
    serves: true,
  });
  const named = new Map(app.routes.map(({ method, path }) => [`${method} ${path}`, { method, path }]));
  return [...named.values()];
}

/** Whether a route is one of those. */
export const isOpen = ({ method, path }: Route) =>
  `${method} ${path}` in open ||
  openFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));

type Knock = Route & { slug: string; token: string | undefined };

/** Asks a route with something in the place of each parameter. */
export function knock(world: World, { method, path, slug, token }: Knock): Promise<Answer> {
  const concrete = path
    .replace(':tenantSlug', slug)
    .replaceAll(/:\w+(\{[^}]*\})?/g, '00000000-0000-4000-8000-000000000000')
    .replace('*', 'nothing-here');
  const headers = { 'content-type': 'application/json' };
  return world.send(concrete, { method, headers, ...(token === undefined ? {} : { token }) });
}

/** Below a wildcard there may be nothing, which each entry point says in its own words. */
export function isNothing({ status, body }: Answer): boolean {
  const saidByScim = body?.schemas?.[0] === 'urn:ietf:params:scim:api:messages:2.0:Error';
  const saidByTrpc = body?.error?.data?.path === 'nothing-here';
  return status === 404 && (body?.reason === 'NOT_FOUND' || saidByScim || saidByTrpc);
}
