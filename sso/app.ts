import { Hono } from 'hono';
import { readConnectionCertificate } from '../src/actions/connections/sso-connections.ts';
import { Refusal } from '../src/domain/refusal.ts';
import { receiveResponse } from './acs.ts';
import { findConnectionPlace } from './connection-place.ts';
import { discoverLogin } from './discovery.ts';
import type { SsoContext, SsoEnv, SsoParts } from './env.ts';
import { statusOf, writeFailurePage, writePlainPage } from './failure-page.ts';
import { startLogin } from './login.ts';
import { answerPage } from './page-answer.ts';
import { toFailure } from './refusals.ts';
import { writeSpMetadata } from './service-provider.ts';

/** SAML 2.0 single sign-on, one service provider for each connection, to be mounted at `/sso`. People see pages. */
export function createSsoApp(parts: SsoParts): Hono<SsoEnv> {
  const app = new Hono<SsoEnv>();
  app.get('/login', (c) => discoverLogin(c, parts));
  app.get('/:connectionId/metadata', (c) => answerMetadata(c, parts));
  app.get('/:connectionId/login', (c) => startLogin(c, parts));
  app.post('/:connectionId/acs', (c) => receiveResponse(c, parts));
  app.all('/login', (c) => refuseMethod(c, parts, 'GET, HEAD'));
  app.all('/:connectionId/metadata', (c) => refuseMethod(c, parts, 'GET, HEAD'));
  app.all('/:connectionId/login', (c) => refuseMethod(c, parts, 'GET, HEAD'));
  app.all('/:connectionId/acs', (c) => refuseMethod(c, parts, 'POST'));
  app.all('*', () => {
    throw new Refusal('NOT_FOUND', 'there is nothing here');
  });
  app.onError((error, c) => answerError(error, c, parts));
  return app;
}

/** Our metadata for an identity provider's admin to load (metadata §4.1). */
async function answerMetadata(c: SsoContext, parts: SsoParts): Promise<Response> {
  const { connectionId, urls, inTenant } = await findConnectionPlace(c, parts);
  try {
    const certificate = await inTenant((scope) => readConnectionCertificate(scope, connectionId));
    const metadata = writeSpMetadata({ ...urls, certificatePems: [certificate] });
    return c.body(metadata, 200, { 'content-type': 'application/samlmetadata+xml' });
  } catch (error) {
    // Nobody tried to sign in, so nothing is kept of it.
    const failure = toFailure(error);
    const make = () => writeFailurePage(failure, { urls, product: 'other', attemptId: null });
    return answerPage(c, parts, { status: statusOf(failure), make });
  }
}

function refuseMethod(c: SsoContext, parts: SsoParts, allow: string): Response {
  c.header('allow', allow);
  const sentence = 'this address is not for browsing: start the sign-in from the application';
  return answerPage(c, parts, { status: 405, make: () => writePlainPage('Nothing to see here', sentence) });
}

/** Whatever no connection can keep a trace of. Anything but a refusal is a bug: logged, and told without detail. */
function answerError(error: unknown, c: SsoContext, parts: SsoParts): Response {
  if (error instanceof Refusal && error.reason === 'NOT_FOUND') {
    return answerPage(c, parts, { status: 404, make: () => writePlainPage('Not found', error.message) });
  }
  const { requestId } = c.var.entry.origin;
  parts.log.error({ err: error, requestId }, 'a sign-in failed by a bug');
  const sentence = `this is our fault, and it has been logged under ${requestId}`;
  return answerPage(c, parts, { status: 500, make: () => writePlainPage('Something went wrong', sentence) });
}
