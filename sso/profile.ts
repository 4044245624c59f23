import type { VerifiedAssertion } from './assertion.ts';
import { type FailureCode, type FailureDetail, SamlFailure } from './failures.ts';

/** What the connection and the pending request say a good response looks like. */
export type Expectation = {
  idpEntityId: string;
  spEntityId: string;
  acsUrl: string;
  /** The AuthnRequest that is answered; null where the connection takes unsolicited responses. */
  requestId: string | null;
  now: Date;
  /** How far the two clocks may be apart. */
  skewSeconds?: number;
};

/** An assertion is made for one login, at once: an older one was kept by somebody. */
const mostAgeMinutes = 10;
const usualSkewSeconds = 60;

/**
 * Holds a verified assertion against the web browser SSO profile (profiles §4.1.4.3) and the
 * connection: issuer, audience, recipient, destination, bearer confirmation, request, times,
 * authentication, subject. Refuses with `SamlFailure`; whether it was used before is asked elsewhere.
 */
export function checkProfile(assertion: VerifiedAssertion, expectation: Expectation) {
  checkIssuer(assertion, expectation);
  checkAddressee(assertion, expectation);
  checkRequest(assertion, expectation);
  checkTimes(assertion, expectation);
  if (assertion.authnInstant === null) throw new SamlFailure('authn_statement_missing');
  if (assertion.nameId === null) throw new SamlFailure('name_id_missing');
}

/** From when on an assertion is too old to pass, whatever it says itself: until then its use must be remembered. */
export function reusableUntil({ issueInstant }: VerifiedAssertion): Date {
  return new Date(issueInstant.getTime() + (mostAgeMinutes * 60 + usualSkewSeconds) * 1000);
}

function checkIssuer({ issuer, response }: VerifiedAssertion, { idpEntityId }: Expectation) {
  if (issuer !== idpEntityId) throw differs('issuer_wrong', idpEntityId, issuer);
  const outer = response.issuer?.trim() ?? null;
  if (outer !== null && outer !== idpEntityId) throw differs('issuer_wrong', idpEntityId, outer);
}

function checkAddressee(assertion: VerifiedAssertion, { spEntityId, acsUrl }: Expectation) {
  const { audiences, bearerConfirmations, hasConditions, recipient, response } = assertion;
  if (!hasConditions) throw new SamlFailure('conditions_missing');
  if (audiences.length === 0) throw new SamlFailure('audience_missing', { expected: spEntityId });
  const wrong = audiences.find((audience) => !audience.includes(spEntityId));
  if (wrong) throw differs('audience_wrong', spEntityId, wrong);
  if (bearerConfirmations !== 1) throw new SamlFailure('confirmation_wrong', { bearerConfirmations });
  if (recipient !== acsUrl) throw differs('recipient_wrong', acsUrl, recipient);
  const { destination } = response;
  if (destination !== null && destination !== acsUrl) throw differs('destination_wrong', acsUrl, destination);
}

/** The signed InResponseTo decides; the Response's own may only disagree. */
function checkRequest({ inResponseTo, response }: VerifiedAssertion, { requestId }: Expectation) {
  if (inResponseTo === null && requestId !== null) throw new SamlFailure('unsolicited_response');
  const answered = [inResponseTo, response.inResponseTo].filter((id) => id !== null);
  const other = answered.find((id) => id !== requestId);
  if (other !== undefined) throw differs('request_unknown', requestId, other);
}

function checkTimes(assertion: VerifiedAssertion, { now, skewSeconds = usualSkewSeconds }: Expectation) {
  const skewMs = skewSeconds * 1000;
  const earliest = new Date(now.getTime() - skewMs);
  const latest = new Date(now.getTime() + skewMs);
  const { subjectNotBefore, subjectNotOnOrAfter, notBefore, notOnOrAfter, issueInstant } = assertion;
  if (subjectNotOnOrAfter === null || subjectNotBefore !== null) {
    const problem = subjectNotBefore === null ? 'NotOnOrAfter is missing' : 'NotBefore is present';
    throw new SamlFailure('confirmation_wrong', { problem });
  }
  if (notOnOrAfter === null)
    throw new SamlFailure('conditions_missing', { problem: 'NotOnOrAfter is missing' });
  if (notBefore !== null && notBefore > latest) throw late('not_yet_valid', notBefore, now);
  for (const end of [notOnOrAfter, subjectNotOnOrAfter, assertion.sessionNotOnOrAfter]) {
    if (end !== null && end <= earliest) throw late('expired', end, now);
  }
  const oldest = new Date(earliest.getTime() - mostAgeMinutes * 60_000);
  if (issueInstant > latest || issueInstant < oldest) throw late('issue_instant_wrong', issueInstant, now);
  const { authnInstant } = assertion;
  if (authnInstant !== null && authnInstant > latest) throw late('not_yet_valid', authnInstant, now);
}

function differs(code: FailureCode, expected: string | null, received: FailureDetail[string]) {
  return new SamlFailure(code, { expected, received });
}

function late(code: FailureCode, time: Date, now: Date) {
  return new SamlFailure(code, { time: time.toISOString(), now: now.toISOString() });
}
