import { expect, test } from 'vitest';
import { verifyAssertion } from '../../sso/assertion.ts';
import { openEnvelope } from '../../sso/envelope.ts';
import { makeSpKeyMaterial } from '../../sso/key-material.ts';
import { ecdsaKey, weakKey } from '../support/saml-keys.ts';
import { accept, ada, aResponse, decode, encode, failureOf, idp, now } from './world.ts';

const more = 'http://www.w3.org/2001/04/xmldsig-more#';
const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const other = await makeSpKeyMaterial('another identity provider', now);

test.each(['assertion', 'response', 'both'] as const)(
  'a good response with %s signed names the person',
  (sign) => {
    const assertion = accept(aResponse({ sign }));

    expect(assertion).toMatchObject({
      nameId: ada.nameId,
      issuer: idp.entityId,
      inResponseTo: '_request1',
      keyFingerprint: idp.key.sha256Fingerprint,
      keyNotAfter: idp.key.notAfter,
      signed: sign === 'both' ? ['Response', 'Assertion'] : [sign === 'response' ? 'Response' : 'Assertion'],
    });
    expect(assertion.attributes.get('firstName')).toEqual(['Ada']);
  },
);

test.each(['sha256', 'sha384', 'sha512'])('RSA and ECDSA with %s are accepted', (hash) => {
  const rsa = aResponse({ signing: { signatureAlgorithm: `${more}rsa-${hash}` } });
  const ecdsa = aResponse({ signing: { key: ecdsaKey, signatureAlgorithm: `${more}ecdsa-${hash}` } });

  expect(accept(rsa).keyFingerprint).toBe(idp.key.sha256Fingerprint);
  expect(accept(ecdsa, [ecdsaKey.certificatePem]).keyFingerprint).toBe(ecdsaKey.sha256Fingerprint);
});

test.each(['assertion', 'response', 'both'] as const)('inclusive canonicalisation of %s verifies', (sign) => {
  const response = aResponse({
    sign,
    signing: { canonicalization: inclusive, digestAlgorithm: `${more}sha384` },
  });

  expect(accept(response).nameId).toBe(ada.nameId);
});

test('without KeyInfo the pinned certificates are tried in turn, as a key rotation needs', () => {
  const response = aResponse({ signing: { key: other, withCertificate: false } });

  expect(accept(response, [idp.key.certificatePem, other.certificatePem]).keyFingerprint).toBe(
    other.sha256Fingerprint,
  );
  expect(failureOf(() => accept(response)).code).toBe('signature_invalid');
});

test('an unknown certificate is named beside the expected ones', () => {
  const failure = failureOf(() => accept(aResponse({ signing: { key: other } })));

  expect(failure).toEqual({
    code: 'certificate_unknown',
    detail: {
      signs: 'Assertion',
      expected: [idp.key.sha256Fingerprint],
      received: other.sha256Fingerprint,
    },
  });
});

test('another key under the pinned certificate is refused', () => {
  const forged = { ...other, certificatePem: idp.key.certificatePem };

  expect(failureOf(() => accept(aResponse({ signing: { key: forged } }))).code).toBe('signature_invalid');
});

test('a response without a signature is refused', () => {
  expect(failureOf(() => accept(aResponse({ sign: 'none' }))).code).toBe('signature_missing');
});

test.each(['assertion', 'response', 'both'] as const)('a change after %s was signed is refused', (sign) => {
  const tampered = aResponse({ sign, tamper: (xml) => xml.replaceAll(ada.nameId, 'eve@acme.example') });

  expect(failureOf(() => accept(tampered))).toMatchObject({
    code: 'signature_invalid',
    detail: { problem: 'changed after it was signed' },
  });
});

test('a broken signature beside a good one is refused', () => {
  const spoilt = aResponse({ sign: 'both', tamper: (xml) => xml.replace(/ Destination="[^"]*"/, '') });

  expect(failureOf(() => accept(spoilt)).code).toBe('signature_invalid');
});

test('SHA-1 is refused as a signature and as a digest', () => {
  const signature = aResponse({
    signing: { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' },
  });
  const digest = aResponse({ signing: { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' } });

  for (const response of [signature, digest]) {
    expect(failureOf(() => accept(response)).code).toBe('algorithm_weak');
  }
});

test('HMAC with the certificate as its secret is refused', () => {
  const hmac = decode(aResponse()).replace(
    `${more}rsa-sha256`,
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
  );

  expect(failureOf(() => accept(encode(hmac))).code).toBe('algorithm_weak');
});

test('a weak key is refused although it is pinned and its signature is right', () => {
  const response = aResponse({ signing: { key: weakKey } });

  expect(failureOf(() => accept(response, [weakKey.certificatePem]))).toMatchObject({
    code: 'key_weak',
    detail: { problem: 'an RSA key of 1024 bits, less than 2048' },
  });
});

test('everything is read from what was signed: an unsigned Issuer and Destination around it change nothing', () => {
  const outside = aResponse({ responseIssuer: 'https://elsewhere.example', destination: null });

  const assertion = verifyAssertion(openEnvelope(outside), [idp.key.certificatePem]);

  expect(assertion.issuer).toBe(idp.entityId);
  expect(assertion.response.issuer).toBe('https://elsewhere.example');
});

test('an assertion keeps every character: accents, astral planes, and what XML escapes', () => {
  const name = 'Zoë & <Łukasz> "𝒜"';

  const assertion = accept(aResponse({}, { ...ada, givenName: name }));

  expect(assertion.attributes.get('firstName')).toEqual([name]);
});
