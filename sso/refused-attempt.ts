import { traceAttempt } from '../src/actions/connections/sso-logins.ts';
import type { ConnectionPlace } from './connection-place.ts';
import type { SsoContext, SsoParts } from './env.ts';
import { statusOf, writeFailurePage } from './failure-page.ts';
import type { IdpProduct } from './failures.ts';
import { answerPage } from './page-answer.ts';
import { toFailure } from './refusals.ts';
import type { Trace } from './trace.ts';

/** A sign-in on its way: over which connection, with which product, and what has been seen of it. */
export type Attempt = { place: ConnectionPlace; trace: Trace; product: IdpProduct };

/** Keeps the trace of a sign-in that was refused, in a transaction of its own, and answers with its page. */
export async function refuseAttempt(
  c: SsoContext,
  parts: SsoParts,
  { place, trace, product }: Attempt,
  error: unknown,
): Promise<Response> {
  const failure = toFailure(error);
  trace.noteFailure(failure);
  const { connectionId, urls } = place;
  const attemptId = await place.inTenant((scope) =>
    traceAttempt(scope, {
      connectionId,
      outcome: 'refused',
      reason: failure.code,
      userId: null,
      trace: trace.facts(),
      personal: trace.personal(),
    }),
  );
  const { requestId } = c.var.entry.origin;
  parts.log.info({ requestId, connectionId, attemptId, reason: failure.code }, 'a sign-in was refused');
  return answerPage(c, parts, {
    status: statusOf(failure),
    make: () => writeFailurePage(failure, { urls, product, attemptId }),
  });
}
