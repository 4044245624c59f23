import { openConnection } from '../src/actions/connections/sso-connections.ts';
import { type Arrival, finishLogin } from '../src/actions/connections/sso-logins.ts';
import { Refusal } from '../src/domain/refusal.ts';
import { verifyAssertion } from './assertion.ts';
import { type ConnectionPlace, findConnectionPlace } from './connection-place.ts';
import type { SsoContext, SsoParts } from './env.ts';
import { openEnvelope } from './envelope.ts';
import { SamlFailure } from './failures.ts';
import { readIdentity } from './identity.ts';
import { recognizeProduct } from './idp-product.ts';
import { readBrowserHashes } from './login-cookie.ts';
import { readLoginForm } from './login-form.ts';
import { checkProfile, reusableUntil } from './profile.ts';
import { type Attempt, refuseAttempt } from './refused-attempt.ts';
import { writeReturnUrl } from './return-target.ts';
import { startTrace } from './trace.ts';

type Connection = Awaited<ReturnType<typeof openConnection>>;

/** How often a sign-in is run when somebody makes the same user at the same moment. */
const most = 3;

/**
 * The assertion consumer service: takes the identity provider's answer, and sends the browser where it wanted to go
 * with a one-time code, or says on a page why not.
 */
export async function receiveResponse(c: SsoContext, parts: SsoParts): Promise<Response> {
  const place = await findConnectionPlace(c, parts);
  const trace = startTrace(c.var.entry.origin.requestId);
  const attempt: Attempt = { place, trace, product: 'other' };
  try {
    const connection = await place.inTenant((scope) => openConnection(scope, place.connectionId));
    attempt.product = recognizeProduct(connection.idp);
    const { samlResponse, relayState } = await readLoginForm(c.req.raw);
    trace.time('receive');
    const assertion = judgeResponse(c, samlResponse, connection, attempt);
    const arrival = { ...assertion, browserHashes: readBrowserHashes(c), trace: trace.facts() };
    const { code, returnTo } = await finish(place, arrival);
    const allowedOrigins = [...parts.allowedOrigins, ...connection.settings.redirectOrigins];
    const url = writeReturnUrl({ stored: returnTo, relayState, code }, { ...parts, allowedOrigins });
    c.header('cache-control', 'no-store');
    c.header('referrer-policy', 'no-referrer');
    return c.redirect(url, 303);
  } catch (error) {
    return refuseAttempt(c, parts, attempt, error);
  }
}

/** All that can be said before the database is asked whether the request is ours and the assertion new. */
function judgeResponse(
  c: SsoContext,
  samlResponse: string,
  { idp, certificates }: Connection,
  { place, trace }: Attempt,
): Omit<Arrival, 'browserHashes' | 'trace'> {
  const { connectionId, urls } = place;
  trace.note('expected', { issuer: idp.entityId, audience: urls.entityId, recipient: urls.acsUrl });
  trace.noteCertificates(certificates);
  const envelope = openEnvelope(samlResponse);
  trace.noteResponse(envelope.response);
  trace.time('open');
  const assertion = verifyAssertion(envelope, certificates);
  trace.noteAssertion(assertion);
  trace.notePerson({ nameId: assertion.nameId });
  trace.time('verify');
  const { inResponseTo: requestId, assertionId } = assertion;
  checkProfile(assertion, {
    idpEntityId: idp.entityId,
    spEntityId: urls.entityId,
    acsUrl: urls.acsUrl,
    requestId,
    now: c.var.entry.now,
  });
  if (requestId === null) throw new SamlFailure('unsolicited_response');
  const identity = readIdentity(assertion);
  trace.notePerson({ email: identity.email });
  trace.time('check');
  return { connectionId, requestId, assertionId, assertionExpiresAt: reusableUntil(assertion), identity };
}

/** Runs again what lost against another sign-in of the same person: then there is a user to find. */
async function finish({ inTenant }: ConnectionPlace, arrival: Arrival) {
  for (let run = 1; ; run += 1) {
    try {
      return await inTenant((scope) => finishLogin(scope, arrival));
    } catch (error) {
      if (run < most && error instanceof Refusal && error.reason === 'CONFLICT') continue;
      throw error;
    }
  }
}
