import { verify, X509Certificate } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { makeSpKeyMaterial } from '../../sso/key-material.ts';
import { attributeOf, descendantsOf, type Element, withXml } from '../../sso/xml.ts';
import type { SpKeyMaterial } from '../../src/infra/idp-metadata.ts';
import { type Person, type ResponseValues, signPart, type Signing, writeResponse } from './saml-response.ts';

/** Where a response goes and what it answers. */
export type LoginTarget = {
  acsUrl: string;
  spEntityId: string;
  requestId: string | null;
  relayState: string | null;
};

/** Changes that make a response unlike a good one. Without any, it is good. */
export type RespondOptions = Partial<Omit<ResponseValues, 'person' | 'now'>> & {
  /** What is signed; the assertion unless said otherwise. */
  sign?: 'assertion' | 'response' | 'both' | 'none';
  signing?: Partial<Signing>;
  /** Moves every time in the response. */
  shiftSeconds?: number;
  /** Changes the message before it is signed, or after: what an identity provider or an attacker does. */
  edit?: (xml: string) => string;
  tamper?: (xml: string) => string;
  /** With the service provider's metadata the request's signature is verified. */
  spMetadataXml?: string;
};

/** What the browser posts to the ACS. */
export type LoginForm = { acsUrl: string; form: { SAMLResponse: string; RelayState?: string } };

export type IdentityProvider = Awaited<ReturnType<typeof createIdentityProvider>>;

/** A real SAML 2.0 identity provider with a key of its own; it signs with xml-crypto, not with our code. */
export async function createIdentityProvider({
  entityId,
  ssoUrl,
  clock = () => new Date(),
}: {
  entityId: string;
  ssoUrl: string;
  clock?: () => Date;
}) {
  const key = await makeSpKeyMaterial('identity provider', clock());

  function respondTo(target: LoginTarget, person: Person, options: RespondOptions = {}): LoginForm {
    const now = new Date(clock().getTime() + (options.shiftSeconds ?? 0) * 1000);
    const values = { ...goodValues(entityId, target), ...definedOf(options), person, now };
    const xml = (options.edit ?? same)(writeResponse(values));
    const signed = (options.tamper ?? same)(signAs(xml, options, key));
    const SAMLResponse = Buffer.from(signed, 'utf8').toString('base64');
    const { acsUrl, relayState } = target;
    return { acsUrl, form: { SAMLResponse, ...(relayState === null ? {} : { RelayState: relayState }) } };
  }

  return {
    entityId,
    ssoUrl,
    key,
    metadataXml: (keys: readonly SpKeyMaterial[] = [key]) => writeMetadata(entityId, ssoUrl, keys),
    /** Answers the address that the service provider redirected to. */
    respond(loginUrl: string, person: Person, options: RespondOptions = {}) {
      return respondTo(readLoginUrl(loginUrl, options.spMetadataXml), person, options);
    },
    /** Answers a request that is known otherwise; with `requestId: null` it is an unsolicited response. */
    respondTo,
  };
}

/** Reads a redirected AuthnRequest; verifies its detached signature where the metadata is given. */
export function readLoginUrl(loginUrl: string, spMetadataXml?: string): LoginTarget {
  const { searchParams, search } = new URL(loginUrl);
  if (spMetadataXml !== undefined) verifyQuery(search.slice(1), spMetadataXml);
  const message = Buffer.from(searchParams.get('SAMLRequest') ?? '', 'base64');
  const xml = inflateRawSync(message, { maxOutputLength: 64 * 1024 }).toString('utf8');
  return withXml(xml, (_, request) => ({
    acsUrl: attributeOf(request, 'AssertionConsumerServiceURL') ?? '',
    spEntityId: textsOf(request, 'Issuer')[0] ?? '',
    requestId: attributeOf(request, 'ID'),
    relayState: searchParams.get('RelayState'),
  }));
}

/** The signed octets are the raw query's, in the order of bindings §3.4.4.1. */
function verifyQuery(query: string, spMetadataXml: string) {
  const raw = new Map(query.split('&').map((pair): [string, string] => [pair.split('=', 1)[0] ?? '', pair]));
  const octets = ['SAMLRequest', 'RelayState', 'SigAlg'].flatMap((name) => raw.get(name) ?? []).join('&');
  const signature = decodeURIComponent(raw.get('Signature')?.slice('Signature='.length) ?? '');
  const certificates = withXml(spMetadataXml, (_, root) => textsOf(root, 'X509Certificate'));
  const isSigned = certificates.some((each) => {
    const { publicKey } = new X509Certificate(Buffer.from(each, 'base64'));
    return verify('sha256', Buffer.from(octets), publicKey, Buffer.from(signature, 'base64'));
  });
  if (!isSigned) throw new Error('the signature of the AuthnRequest is not valid');
}

function goodValues(entityId: string, { acsUrl, spEntityId, requestId }: LoginTarget) {
  return {
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    issuer: entityId,
    responseIssuer: entityId,
    audience: spEntityId,
    recipient: acsUrl,
    destination: acsUrl,
    inResponseTo: requestId,
    responseInResponseTo: requestId,
    status: 'Success',
  };
}

function signAs(xml: string, { sign = 'assertion', signing = {} }: RespondOptions, key: SpKeyMaterial) {
  const all: Signing = {
    key,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    withCertificate: true,
    ...signing,
  };
  const inner = sign === 'assertion' || sign === 'both' ? signPart(xml, 'Assertion', all) : xml;
  return sign === 'response' || sign === 'both' ? signPart(inner, 'Response', all) : inner;
}

function writeMetadata(entityId: string, ssoUrl: string, keys: readonly SpKeyMaterial[]) {
  const descriptors = keys.map(({ certificatePem }) => {
    const base64 = certificatePem.replace(/-----[A-Z ]+-----|\s+/g, '');
    return `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${descriptors.join('')}<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${ssoUrl}"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
}

function textsOf(root: Element, name: string) {
  return [...descendantsOf(root)].filter((element) => element.name === name).map(({ text }) => text.trim());
}

function definedOf(options: RespondOptions) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function same(xml: string) {
  return xml;
}
