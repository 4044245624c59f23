import { expect, test } from 'vitest';
import { createSessionTokens } from '../../src/api/session-tokens.ts';
import { appRouter } from '../../src/api/trpc/router.ts';
import { createApp } from '../../src/app.ts';
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
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { type Answer } from '../support/http.ts';
import { ask, call } from './answers.ts';

const world = await openWorld();
const tenant = await aTenant(world);

/** What answers without a bearer token, and why that is right. */
const open: Record<string, string> = {
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
  'GET /signed-in': 'the page behind a sign-in; it knows nobody',
};

/** Browsers come to single sign-on without a token: it is how they get one. Its own tests guard it. */
const openFolders = ['/sso'];

const routes = listRoutes();

/** The routes of an app made as the service makes it. */
function listRoutes(): { method: string; path: string }[] {
  const pool = openControlPool(world.database.loginUrl);
  const codec = {
    tokens: createAccessTokens({ issuer: world.url }),
    importSigningKey,
    importVerificationKeys,
  };
  const app = createApp({
    db: world.db,
    ports: world.ports,
    pool,
    throttle: createThrottle(pool),
    sessionTokens: createSessionTokens({ db: world.db, codec }),
    metrics: createMetrics(),
    log: createLog({ level: 'fatal', format: 'json' }),
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

const isOpen = ({ method, path }: { method: string; path: string }) =>
  `${method} ${path}` in open ||
  openFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));

type Knock = { method: string; path: string; token: string | undefined };

/** Asks a route with something in the place of each parameter. */
function knock({ method, path, token }: Knock): Promise<Answer> {
  const concrete = path
    .replace(':tenantSlug', tenant.slug)
    .replaceAll(/:\w+(\{[^}]*\})?/g, '00000000-0000-4000-8000-000000000000')
    .replace('*', 'nothing-here');
  const headers = { 'content-type': 'application/json' };
  return world.send(concrete, { method, headers, ...(token === undefined ? {} : { token }) });
}

/** Below a wildcard there may be nothing, which each entry point says in its own words. */
function isNothing({ status, body }: Answer): boolean {
  const saidByScim = body?.schemas?.[0] === 'urn:ietf:params:scim:api:messages:2.0:Error';
  const saidByTrpc = body?.error?.data?.path === 'nothing-here';
  return status === 404 && (body?.reason === 'NOT_FOUND' || saidByScim || saidByTrpc);
}

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const closed = routes.filter((route) => !isOpen(route));

test('the app has the routes that this test is about', () => {
  expect(closed.length).toBeGreaterThan(10);
  expect(closed.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining([
      'GET /api/auth/me',
      'POST /api/auth/introspect',
      'ALL /trpc/*',
      'ALL /scim/v2/:tenantSlug/Users',
    ]),
  );
});

test.each(closed)(
  '$method $path is closed to who sends no token, and to who sends a wrong one',
  async (route) => {
    const { path } = route;
    const answers = [];
    for (const method of route.method === 'ALL' ? everyMethod : [route.method]) {
      for (const token of [undefined, 'nonsense', 'a.b.c'])
        answers.push(await knock({ method, path, token }));
    }

    // A path for all methods may say 405 of those it does not know, to anybody.
    const said = answers.map((answer) =>
      path.includes('*') && isNothing(answer) ? 'nothing' : answer.status,
    );
    expect(
      said.filter((each) => each !== 401 && each !== 'nothing' && !(each === 405 && route.method === 'ALL')),
    ).toEqual([]);
    expect(said.some((each) => each === 401 || each === 'nothing')).toBe(true);
  },
);

test('what is said to be open is there', () => {
  const there = routes.map(({ method, path }) => `${method} ${path}`);

  expect(Object.keys(open).filter((name) => !there.includes(name))).toEqual([]);
});

const built = Object.entries(
  appRouter['_def'].procedures as unknown as Record<string, { _def: { type: string } }>,
);
const procedures = built.map(([name, { _def: definition }]) => [name, definition.type] as const);
const invoke = (name: string, type: string, token?: string) => {
  const options = token === undefined ? {} : { token };
  return type === 'query' ? ask(world.url, name, options) : call(world.url, name, options);
};

test('the router has the procedures that this test is about', () => {
  const names = procedures.map(([name]) => name);

  expect(names.length).toBeGreaterThan(30);
  expect(names).toEqual(
    expect.arrayContaining(['tenants.create', 'plans.catalogue', 'directory.users.setRole']),
  );
  expect(new Set(procedures.map(([, type]) => type))).toEqual(new Set(['query', 'mutation']));
});

test('no procedure answers without a token, nor to a session that has ended', async () => {
  const { accessToken, refreshToken } = await aRegistration(world);
  await world.send('/api/auth/logout', { body: { refreshToken } });

  for (const [name, type] of procedures) {
    for (const token of [undefined, 'nonsense', 'a.b.c', accessToken]) {
      const { status, body } = await invoke(name, type, token);
      expect([name, status, body.error?.data?.reason]).toEqual([name, 401, 'INVALID_CREDENTIALS']);
    }
  }
});
