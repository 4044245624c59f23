import { expect, test } from 'vitest';
import { verifyAssertion } from '../../sso/assertion.ts';
import { openEnvelope } from '../../sso/envelope.ts';
import { checkProfile, type Expectation, reusableUntil } from '../../sso/profile.ts';
import type { RespondOptions } from '../support/identity-provider.ts';
import { ada, aResponse, expectation, failureOf, idp, now, target } from './world.ts';

function profileCode(options: RespondOptions, expected: Partial<Expectation> = {}) {
  const assertion = verifyAssertion(openEnvelope(aResponse(options)), [idp.key.certificatePem]);
  return failureOf(() => checkProfile(assertion, { ...expectation, ...expected })).code;
}

const drop = (pattern: RegExp, by = '') => ({ edit: (xml: string) => xml.replace(pattern, by) });
const bearer = /<saml:SubjectConfirmation .*?<\/saml:SubjectConfirmation>/s;
const holderOfKey = '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"/>';

test('a good response is as the profile wants it', () => {
  expect(profileCode({})).toBe('accepted');
});

test.each<[name: string, options: RespondOptions, code: string]>([
  ['another issuer', { issuer: 'https://other.example' }, 'issuer_wrong'],
  ['another issuer of the response', { responseIssuer: 'https://other.example' }, 'issuer_wrong'],
  ['another audience', { audience: 'https://other.example' }, 'audience_wrong'],
  ['an audience that only begins like ours', { audience: `${target.spEntityId}/` }, 'audience_wrong'],
  ['no audience', { audience: null }, 'audience_missing'],
  [
    'a second restriction to another audience',
    drop(
      /<saml:AudienceRestriction>.*?<\/saml:AudienceRestriction>/s,
      '$&<saml:AudienceRestriction><saml:Audience>b</saml:Audience></saml:AudienceRestriction>',
    ),
    'audience_wrong',
  ],
  ['another recipient', { recipient: 'https://other.example/acs' }, 'recipient_wrong'],
  ['no recipient', drop(/ Recipient="[^"]*"/), 'recipient_wrong'],
  ['another destination', { destination: 'https://other.example/acs' }, 'destination_wrong'],
  ['another request', { inResponseTo: '_other', responseInResponseTo: null }, 'request_unknown'],
  ['another request in the unsigned Response', { responseInResponseTo: '_other' }, 'request_unknown'],
  ['no request', { inResponseTo: null, responseInResponseTo: null }, 'unsolicited_response'],
  ['a request in the unsigned Response only', { inResponseTo: null }, 'unsolicited_response'],
  ['no confirmation', drop(bearer), 'confirmation_wrong'],
  ['a holder-of-key confirmation only', drop(bearer, holderOfKey), 'confirmation_wrong'],
  ['two bearer confirmations', drop(bearer, '$&$&'), 'confirmation_wrong'],
  ['no end of the confirmation', drop(/(ConfirmationData) NotOnOrAfter="[^"]*"/, '$1'), 'confirmation_wrong'],
  [
    'a beginning of the confirmation',
    drop(/ConfirmationData/, '$& NotBefore="2026-11-23T11:00:00Z"'),
    'confirmation_wrong',
  ],
  ['no conditions', drop(/<saml:Conditions.*<\/saml:Conditions>/s), 'conditions_missing'],
  ['no end of the conditions', drop(/(NotBefore="[^"]*") NotOnOrAfter="[^"]*"/, '$1'), 'conditions_missing'],
  ['no AuthnStatement', drop(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/s), 'authn_statement_missing'],
  ['no NameID', drop(/<saml:NameID.*<\/saml:NameID>/s), 'name_id_missing'],
  ['an empty NameID', drop(/(<saml:NameID[^>]*>)[^<]*/, '$1 '), 'name_id_missing'],
  [
    'an IssueInstant of yesterday',
    drop(/(<saml:Assertion [^>]*IssueInstant="2026-11-)23/, '$122'),
    'issue_instant_wrong',
  ],
  [
    'an IssueInstant of tomorrow',
    drop(/(<saml:Assertion [^>]*IssueInstant="2026-11-)23/, '$124'),
    'issue_instant_wrong',
  ],
  ['a sign-in of tomorrow', drop(/(AuthnInstant="2026-11-)23/, '$124'), 'not_yet_valid'],
  [
    'a session that is over',
    drop(/ SessionIndex/, ' SessionNotOnOrAfter="2026-11-23T11:00:00Z"$&'),
    'expired',
  ],
])('%s is refused', (_, options, code) => {
  expect(profileCode(options)).toBe(code);
});

// A response is valid from 30 seconds before it is made until 5 minutes after; the skew is 60 seconds.
test.each([
  [-359, 'accepted'],
  [-360, 'expired'],
  [60, 'accepted'],
  [61, 'issue_instant_wrong'],
  [90, 'issue_instant_wrong'],
  [91, 'not_yet_valid'],
])('a response made %s seconds from now is %s', (shiftSeconds, code) => {
  expect(profileCode({ shiftSeconds })).toBe(code);
});

test('the skew is the connection’s to set', () => {
  expect(profileCode({ shiftSeconds: 61 }, { skewSeconds: 120 })).toBe('accepted');
  expect(profileCode({ shiftSeconds: 1 }, { skewSeconds: 0 })).toBe('issue_instant_wrong');
});

test('an unsolicited response passes only where none was asked for, and only without a request', () => {
  const unsolicited = { inResponseTo: null, responseInResponseTo: null };

  expect(profileCode(unsolicited, { requestId: null })).toBe('accepted');
  expect(profileCode({}, { requestId: null })).toBe('request_unknown');
});

test('a refusal says what was expected and what came', () => {
  const assertion = verifyAssertion(openEnvelope(aResponse({ audience: 'b' }, ada)), [
    idp.key.certificatePem,
  ]);

  expect(failureOf(() => checkProfile(assertion, { ...expectation, now }))).toEqual({
    code: 'audience_wrong',
    detail: { expected: target.spEntityId, received: ['b'] },
  });
});

test('an assertion passes until the moment to which its use is remembered, and not a millisecond longer', () => {
  // Its own times say that it is good for a day.
  const lasting = {
    edit: (xml: string) => xml.replaceAll(/NotOnOrAfter="[^"]*"/g, 'NotOnOrAfter="2026-11-24T12:00:00Z"'),
  };
  const end = reusableUntil(verifyAssertion(openEnvelope(aResponse(lasting)), [idp.key.certificatePem]));

  expect(profileCode(lasting, { now: end })).toBe('accepted');
  expect(profileCode(lasting, { now: new Date(end.getTime() + 1) })).toBe('issue_instant_wrong');
});
