import { expect, test } from 'vitest';
import { readIdpCertificates, readIdpMetadata } from '../../sso/metadata.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { ecdsaKey, weakKey } from '../support/saml-keys.ts';
import { idp } from './world.ts';

function refusalOf(work: () => unknown) {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'INVALID_INPUT') return error.message;
    throw error;
  }
}

const good = idp.metadataXml();
const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const service = (binding: string, location: string) =>
  `<md:SingleSignOnService Binding="${binding}" Location="${location}"/>`;
const withServices = (services: string) => good.replace(/<md:SingleSignOnService .*?\/>/, services);
const refusalAt = (location: string) =>
  refusalOf(() => readIdpMetadata(withServices(service(redirect, location))));
const wrapped = (inner: string) =>
  `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${inner}</md:EntitiesDescriptor>`;
const fingerprint = idp.key.sha256Fingerprint;

test('metadata gives the entity, its address, and its certificates', () => {
  expect(readIdpMetadata(good)).toEqual({
    entityId: idp.entityId,
    ssoUrl: idp.ssoUrl,
    ssoBinding: 'redirect',
    certificates: [
      { pem: idp.key.certificatePem, sha256Fingerprint: fingerprint, notAfter: idp.key.notAfter },
    ],
  });
});

test('every signing certificate is kept once, in order; one for encryption is not', () => {
  const several = idp.metadataXml([ecdsaKey, idp.key, ecdsaKey]);
  const encryption = good.replace('use="signing"', 'use="encryption"');

  expect(readIdpMetadata(several).certificates.map(({ sha256Fingerprint }) => sha256Fingerprint)).toEqual([
    ecdsaKey.sha256Fingerprint,
    fingerprint,
  ]);
  expect(refusalOf(() => readIdpMetadata(encryption))).toBe('there is no signing certificate');
});

test('a key descriptor without a use is for signing too', () => {
  expect(readIdpMetadata(good.replace(' use="signing"', '')).certificates).toHaveLength(1);
});

test('HTTP-Redirect is preferred, HTTP-POST is taken', () => {
  const both = service(post, 'https://idp.example/post') + service(redirect, 'https://idp.example/redirect');

  expect(readIdpMetadata(withServices(both))).toMatchObject({
    ssoUrl: 'https://idp.example/redirect',
    ssoBinding: 'redirect',
  });
  expect(readIdpMetadata(withServices(service(post, 'https://idp.example/post')))).toMatchObject({
    ssoUrl: 'https://idp.example/post',
    ssoBinding: 'post',
  });
});

test('an http address is for localhost only', () => {
  expect(refusalAt('http://localhost:8080/sso')).toBe('accepted');
  expect(refusalAt('http://127.0.0.1/sso')).toBe('accepted');
  expect(refusalAt('http://idp.example/sso')).toBe('the SSO address http://idp.example/sso is not https');
  expect(refusalAt('http://localhost.idp.example/sso')).toContain('is not https');
  expect(refusalAt('javascript:alert(1)')).toContain('is not https');
});

test('comments, and what AD FS and Entra ID publish beside SAML, are passed over', () => {
  const roleDescriptor =
    '<md:RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="urn:a"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></md:RoleDescriptor>';
  const federation = good
    .replace('<md:IDPSSODescriptor', `<!-- IdP -->${roleDescriptor}<md:IDPSSODescriptor`)
    .replace(
      ' entityID',
      ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a a.xsd" entityID',
    );

  expect(readIdpMetadata(`\n${federation}\n`).entityId).toBe(idp.entityId);
});

test('one identity provider inside an EntitiesDescriptor is found, two are refused', () => {
  const entity = good.replace(/<\?xml.*?\?>\s*/, '');

  expect(readIdpMetadata(wrapped(entity)).entityId).toBe(idp.entityId);
  expect(refusalOf(() => readIdpMetadata(wrapped(entity + entity)))).toBe(
    'the metadata describes more than one identity provider',
  );
});

test.each([
  ['a web page', '<html><body>sign in</body></html>', 'has no IDPSSODescriptor'],
  ['plain words', 'hello', 'this is not SAML 2.0 metadata that can be read'],
  ['nothing', '', 'this is not SAML 2.0 metadata that can be read'],
  ['a service provider', good.replaceAll('IDPSSODescriptor', 'SPSSODescriptor'), 'has no IDPSSODescriptor'],
  [
    'what breaks the schema',
    good.replace(' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"', ''),
    'this is not SAML 2.0 metadata',
  ],
  [
    'a document type',
    good.replace('<md:EntityDescriptor', '<!DOCTYPE a><md:EntityDescriptor'),
    'this is not SAML 2.0 metadata',
  ],
  [
    'no address',
    withServices(service('urn:a:b', 'https://a.example')),
    'neither HTTP-Redirect nor HTTP-POST',
  ],
  ['a weak key', idp.metadataXml([weakKey]), 'has an RSA key of 1024 bits, less than 2048'],
  [
    'a broken certificate',
    good.replace(/<ds:X509Certificate>....../, '<ds:X509Certificate>AAAAAA'),
    'cannot be read',
  ],
  ['more than 1 MB', `${good}${' '.repeat(1024 * 1024)}`, 'larger than 1 MB'],
])('%s is refused in plain words', (_, xml, words) => {
  expect(refusalOf(() => readIdpMetadata(xml))).toContain(words);
});

test('certificates given by hand may be PEM or bare base64', () => {
  const bare = idp.key.certificatePem.replace(/-----[A-Z ]+-----/g, '');

  expect(readIdpCertificates([bare, idp.key.certificatePem, ecdsaKey.certificatePem])).toHaveLength(2);
  expect(refusalOf(() => readIdpCertificates(['nonsense']))).toBe('a signing certificate cannot be read');
  expect(refusalOf(() => readIdpCertificates([]))).toBe('there is no signing certificate');
});
