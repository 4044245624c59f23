import type { X509Certificate } from 'node:crypto';
import type { XmlDocument } from 'libxml2-wasm';
import { Refusal } from '../src/domain/refusal.ts';
import type { IdpCertificate, IdpMetadata, SsoBinding } from '../src/infra/idp-metadata.ts';
import { parseCertificate, weaknessOf } from './certificates.ts';
import { SamlFailure } from './failures.ts';
import { checkMarkup, withoutComments } from './markup.ts';
import { bindings, namespaces } from './names.ts';
import { checkSchema } from './schema.ts';
import {
  attributeOf,
  childNamed,
  childrenNamed,
  descendantsOf,
  type Element,
  isNamed,
  namesSchemas,
  withXml,
} from './xml.ts';

const { metadata: md, signature: ds, schemaInstance } = namespaces;
const mostCharacters = 1024 * 1024;

/** Federations declare all their extensions at the root. */
const mostNamespaces = 64;

/**
 * Reads the metadata that an identity provider publishes (metadata §2.3). Refuses with
 * INVALID_INPUT, in words for whoever pasted it, what is too large, not SAML metadata, not of exactly
 * one identity provider, without an https address to sign in at, or without a strong signing
 * certificate. A signature on the metadata is not looked at: who uploads it is trusted.
 */
export function readIdpMetadata(metadataXml: string): IdpMetadata {
  if (metadataXml.length > mostCharacters) throw refuse('the metadata is larger than 1 MB');
  try {
    const xml = withoutComments(metadataXml.trim());
    checkMarkup(xml);
    return withXml(xml, readDocument, mostNamespaces);
  } catch (error) {
    if (!(error instanceof SamlFailure)) throw error;
    const problem = Object.values(error.detail).join(', ');
    throw refuse(`this is not SAML 2.0 metadata that can be read (${problem})`);
  }
}

/** Reads certificates that were given without metadata, as PEM or bare base64; refuses as above. */
export function readIdpCertificates(certificates: readonly string[]): IdpCertificate[] {
  const read = certificates.map(readCertificate);
  if (read.length === 0) throw refuse('there is no signing certificate');
  return read.filter(
    ({ sha256Fingerprint }, index) =>
      read.findIndex((other) => other.sha256Fingerprint === sha256Fingerprint) === index,
  );
}

/** Refuses an address to send people to that is not https; http is for localhost only. */
export function checkSsoUrl(ssoUrl: string) {
  const url = URL.canParse(ssoUrl) ? new URL(ssoUrl) : null;
  if (!url) throw refuse(`the SSO address ${ssoUrl} is not a URL`);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) {
    throw refuse(`the SSO address ${ssoUrl} is not https`);
  }
  return ssoUrl;
}

function readDocument(document: XmlDocument, root: Element): IdpMetadata {
  const { entity, descriptor } = findIdp(root);
  dropUnread(root);
  checkSchema(document, 'metadata');
  const keys = childrenNamed(descriptor, md, 'KeyDescriptor').filter(
    (key) => attributeOf(key, 'use') !== 'encryption',
  );
  return {
    entityId: attributeOf(entity, 'entityID') ?? '',
    ...readService(descriptor),
    certificates: readIdpCertificates(keys.flatMap(certificatesOf)),
  };
}

function findIdp(root: Element) {
  const found = [...descendantsOf(root)]
    .filter((element) => isNamed(element, md, 'EntityDescriptor'))
    .flatMap((entity) =>
      childrenNamed(entity, md, 'IDPSSODescriptor').map((descriptor) => ({ entity, descriptor })),
    );
  const [first, ...more] = found;
  if (!first) throw refuse('the metadata has no IDPSSODescriptor: it is not that of an identity provider');
  if (more.length > 0) throw refuse('the metadata describes more than one identity provider');
  return first;
}

/**
 * Takes out, before the schema is asked, what is never read: AD FS and Entra ID publish WS-Federation
 * RoleDescriptors of types that only Microsoft's schemas know, and some name schemas to be fetched.
 */
function dropUnread(element: Element) {
  for (const attribute of namesSchemas(element) ? element.node.attrs : []) {
    if (attribute.namespaceUri === schemaInstance) attribute.remove();
  }
  for (const child of element.children) {
    if (isUnread(child)) child.node.remove();
    else dropUnread(child);
  }
}

function isUnread(element: Element) {
  return isNamed(element, md, 'RoleDescriptor') || isNamed(element, ds, 'Signature');
}

function readService(descriptor: Element): { ssoUrl: string; ssoBinding: SsoBinding } {
  const services = childrenNamed(descriptor, md, 'SingleSignOnService');
  for (const ssoBinding of ['redirect', 'post'] as const) {
    const service = services.find((candidate) => attributeOf(candidate, 'Binding') === bindings[ssoBinding]);
    if (service) return { ssoUrl: checkSsoUrl(attributeOf(service, 'Location') ?? ''), ssoBinding };
  }
  throw refuse('the identity provider offers neither HTTP-Redirect nor HTTP-POST for single sign-on');
}

/** The first certificate of each X509Data is the key's own; those after it are its issuers'. */
function certificatesOf(key: Element) {
  const keyInfo = childNamed(key, ds, 'KeyInfo');
  const data = keyInfo ? childrenNamed(keyInfo, ds, 'X509Data') : [];
  return data.flatMap((each) => childNamed(each, ds, 'X509Certificate')?.text ?? []);
}

function readCertificate(text: string): IdpCertificate {
  const certificate = parse(text);
  const weakness = weaknessOf(certificate.publicKey);
  if (weakness) throw refuse(`the signing certificate ${certificate.fingerprint256} has ${weakness}`);
  return {
    pem: certificate.toString(),
    sha256Fingerprint: certificate.fingerprint256,
    notAfter: certificate.validToDate,
  };
}

function parse(text: string): X509Certificate {
  try {
    return parseCertificate(text);
  } catch {
    throw refuse('a signing certificate cannot be read');
  }
}

function refuse(sentence: string) {
  return new Refusal('INVALID_INPUT', sentence);
}
