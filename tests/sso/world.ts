import { type RespondOptions, createIdentityProvider } from '../support/identity-provider.ts';
import type { Person } from '../support/saml-response.ts';
import { verifyAssertion } from '../../sso/assertion.ts';
import { openEnvelope } from '../../sso/envelope.ts';
import { SamlFailure } from '../../sso/failures.ts';
import { checkProfile, type Expectation } from '../../sso/profile.ts';

/** The moment of these tests. */
export const now = new Date('2026-11-23T12:00:00.000Z');

export const target = {
  acsUrl: 'https://tenantry.example/sso/c1/acs',
  spEntityId: 'https://tenantry.example/sso/c1/metadata',
  requestId: '_request1',
  relayState: null,
};

export const ada: Person = {
  nameId: 'ada@acme.example',
  email: 'ada@acme.example',
  givenName: 'Ada',
  familyName: 'Lovelace',
};

export const idp = await createIdentityProvider({
  entityId: 'https://idp.acme.example/saml',
  ssoUrl: 'https://idp.acme.example/sso',
  clock: () => now,
});

export const expectation: Expectation = {
  idpEntityId: idp.entityId,
  spEntityId: target.spEntityId,
  acsUrl: target.acsUrl,
  requestId: target.requestId,
  now,
};

/** The form field of a response to the pending request. */
export function aResponse(options: RespondOptions = {}, person = ada) {
  return idp.respondTo(target, person, options).form.SAMLResponse;
}

/** What the ACS does with a form field, up to the database. */
export function accept(samlResponse: string, certificates = [idp.key.certificatePem]) {
  const assertion = verifyAssertion(openEnvelope(samlResponse), certificates);
  checkProfile(assertion, expectation);
  return assertion;
}

/** The reason for which `work` is refused, or 'accepted'. Anything but a refusal is thrown on. */
export function failureOf(work: () => unknown) {
  try {
    work();
    return { code: 'accepted' as const, detail: {} };
  } catch (error) {
    if (error instanceof SamlFailure) return { code: error.code, detail: error.detail };
    throw error;
  }
}

export function encode(xml: string) {
  return Buffer.from(xml, 'utf8').toString('base64');
}

export function decode(samlResponse: string) {
  return Buffer.from(samlResponse, 'base64').toString('utf8');
}
