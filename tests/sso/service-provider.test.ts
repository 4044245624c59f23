import { X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { expect, test } from 'vitest';
import { makeSpKeyMaterial } from '../../sso/key-material.ts';
import { checkSchema } from '../../sso/schema.ts';
import { createLoginMessage, writeSpMetadata } from '../../sso/service-provider.ts';
import { withXml } from '../../sso/xml.ts';
import { readLoginUrl } from '../support/identity-provider.ts';
import { accept, ada, aResponse, decode, idp, now, target } from './world.ts';

const key = await makeSpKeyMaterial('tenantry.example', now);
const sp = {
  entityId: target.spEntityId,
  acsUrl: target.acsUrl,
  certificatePems: [key.certificatePem],
  privateKeyPem: key.privateKeyPem,
};
const ask = (more = {}) => createLoginMessage({ sp, idp: { ...idp, ssoBinding: 'redirect' }, now, ...more });

test('key material is a key and the self-signed certificate around it, valid for ten years', () => {
  const certificate = new X509Certificate(key.certificatePem);

  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
  expect(certificate.subject).toBe('CN=tenantry.example');
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(certificate.validFromDate).toEqual(now);
  expect(key.notAfter).toEqual(new Date('2036-11-23T12:00:00.000Z'));
  expect(key.sha256Fingerprint).toBe(certificate.fingerprint256);
});

test('a certificate past 2049 and with a long name is one too', async () => {
  const made = await makeSpKeyMaterial(`é${'x'.repeat(200)}`, new Date('2045-01-01T00:00:00Z'));

  expect(made.notAfter).toEqual(new Date('2055-01-01T00:00:00.000Z'));
  expect(new X509Certificate(made.certificatePem).subject).toBe(`CN=é${'x'.repeat(63)}`);
});

test('metadata follows the schema and names the entity, the ACS, the certificates and what is signed', async () => {
  const next = await makeSpKeyMaterial('next', now);

  const xml = writeSpMetadata({ ...sp, certificatePems: [key.certificatePem, next.certificatePem] });

  withXml(xml, (document) => checkSchema(document, 'metadata'));
  expect(xml).toContain(`entityID="${target.spEntityId}"`);
  expect(xml).toContain(`Location="${target.acsUrl}"`);
  expect(xml).toContain('AuthnRequestsSigned="true" WantAssertionsSigned="true"');
  expect(xml.match(/<ds:X509Certificate>/g)).toHaveLength(2);
  expect(xml).not.toContain('PRIVATE');
});

test('a login address carries a request that the identity provider verifies', () => {
  const { url, requestId, form } = ask({ relayState: 'a&b=c d' });

  expect(form).toBeNull();
  expect(url.startsWith(`${idp.ssoUrl}?SAMLRequest=`)).toBe(true);
  expect(readLoginUrl(url, writeSpMetadata(sp))).toEqual({
    acsUrl: target.acsUrl,
    spEntityId: target.spEntityId,
    requestId,
    relayState: 'a&b=c d',
  });
});

test('a changed login address or another key is refused by the identity provider', async () => {
  const { url } = ask({ relayState: 'one' });
  const other = await makeSpKeyMaterial('other', now);

  expect(() => readLoginUrl(url.replace('RelayState=one', 'RelayState=two'), writeSpMetadata(sp))).toThrow(
    'not valid',
  );
  expect(() =>
    readLoginUrl(url, writeSpMetadata({ ...sp, certificatePems: [other.certificatePem] })),
  ).toThrow('not valid');
});

test('every request has another ID, of 160 random bits', () => {
  const ids = Array.from({ length: 20 }, () => ask().requestId);

  expect(new Set(ids).size).toBe(20);
  for (const id of ids) expect(id).toMatch(/^_[0-9a-f]{40}$/);
});

test('an address with a query of its own keeps it, and markup in names stays text', () => {
  const { url } = createLoginMessage({
    sp: { ...sp, entityId: 'urn:a&b<c>"d' },
    idp: { entityId: 'i', ssoUrl: 'https://idp.example/sso?app=1', ssoBinding: 'redirect' },
    now,
  });

  expect(url.startsWith('https://idp.example/sso?app=1&SAMLRequest=')).toBe(true);
  expect(readLoginUrl(url).spEntityId).toBe('urn:a&b<c>"d');
});

test('where only HTTP-POST is offered, the form holds a request with its signature inside', () => {
  const ssoUrl = 'https://idp.example/post';
  const { url, form, requestId } = ask({
    idp: { ...idp, ssoUrl, ssoBinding: 'post' },
    relayState: 'r',
    forceAuthn: true,
  });

  const xml = decode(form?.['SAMLRequest'] ?? '');
  withXml(xml, (document) => checkSchema(document, 'protocol'));
  const verifier = new SignedXml({ publicCert: key.certificatePem });
  verifier.loadSignature(/<(?:ds:)?Signature .*<\/(?:ds:)?Signature>/s.exec(xml)?.[0] ?? '');

  expect(url).toBe(ssoUrl);
  expect(form?.['RelayState']).toBe('r');
  expect(xml).toContain(`ID="${requestId}"`);
  expect(xml).toContain('ForceAuthn="true"');
  expect(verifier.checkSignature(xml)).toBe(true);
});

test('the answer to a request of ours lets the person in', () => {
  const { url } = ask();
  const answered = idp.respond(url, ada, {
    spMetadataXml: writeSpMetadata(sp),
    inResponseTo: '_request1',
    responseInResponseTo: '_request1',
  });

  expect(answered.acsUrl).toBe(target.acsUrl);
  expect(accept(answered.form.SAMLResponse).nameId).toBe(accept(aResponse()).nameId);
});
