import { randomBytes } from 'node:crypto';
import { IdentityProvider, ServiceProvider } from 'samlify';
import type { IdpMetadata } from '../src/infra/idp-metadata.ts';
import { bindings, nameIdFormats, namespaces } from './names.ts';

/** One connection's service provider: our side of the partnership. */
export type SpEntity = {
  entityId: string;
  acsUrl: string;
  /** The current certificate first; a next one is published beside it before it is used. */
  certificatePems: readonly string[];
};

/** What an AuthnRequest is made of: both sides, the signing key, and the moment. */
export type LoginRequest = {
  sp: SpEntity & { privateKeyPem: string };
  idp: Pick<IdpMetadata, 'entityId' | 'ssoUrl' | 'ssoBinding'>;
  now: Date;
  relayState?: string | undefined;
  /** Asks the identity provider to have the person sign in anew (core §3.4.1). */
  forceAuthn?: boolean;
};

/** Where the browser goes: an address (HTTP-Redirect), or a form to post to it (HTTP-POST). */
export type LoginMessage = { requestId: string; url: string; form: Readonly<Record<string, string>> | null };

const signatureAlgorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** The metadata an identity provider's admin loads: entity ID, ACS, certificates, signing (metadata §2.4.4). */
export function writeSpMetadata(sp: SpEntity) {
  return buildSp(sp).getMetadata();
}

/**
 * Makes a signed AuthnRequest (core §3.4.1) with an ID of 160 random bits, in the binding that the
 * identity provider offers. In the redirect the signature is detached (bindings §3.4.4.1), in the
 * form it is in the message. The NameID format is left to the identity provider: AD FS and Entra ID
 * refuse a request for one they are not set to.
 */
export function createLoginMessage({
  sp,
  idp,
  now,
  relayState,
  forceAuthn = false,
}: LoginRequest): LoginMessage {
  const requestId = `_${randomBytes(20).toString('hex')}`;
  const context = writeAuthnRequest({ sp, idp, requestId, now, forceAuthn });
  const answer = buildSp(sp).createLoginRequest(buildIdp(idp), idp.ssoBinding, {
    customTagReplacement: () => ({ id: requestId, context }),
    ...(relayState === undefined ? {} : { relayState }),
  });
  if (idp.ssoBinding === 'redirect') return { requestId, url: answer.context, form: null };
  const form = {
    SAMLRequest: answer.context,
    ...(relayState === undefined ? {} : { RelayState: relayState }),
  };
  return { requestId, url: idp.ssoUrl, form };
}

function buildSp({ entityId, acsUrl, certificatePems, ...key }: SpEntity & { privateKeyPem?: string }) {
  return ServiceProvider({
    entityID: entityId,
    signingCert: [...certificatePems],
    ...(key.privateKeyPem === undefined ? {} : { privateKey: key.privateKeyPem }),
    authnRequestsSigned: true,
    wantAssertionsSigned: true,
    requestSignatureAlgorithm: signatureAlgorithm,
    nameIDFormat: [nameIdFormats.persistent, nameIdFormats.emailAddress, nameIdFormats.unspecified],
    assertionConsumerService: [{ isDefault: true, Binding: bindings.post, Location: acsUrl }],
  });
}

function buildIdp({ entityId, ssoUrl, ssoBinding }: LoginRequest['idp']) {
  return IdentityProvider({
    entityID: entityId,
    wantAuthnRequestsSigned: true,
    singleSignOnService: [{ Binding: bindings[ssoBinding], Location: ssoUrl }],
    // samlify writes to the console where there is none; nothing is sent there.
    singleLogoutService: [{ Binding: bindings.redirect, Location: ssoUrl }],
  });
}

type AuthnRequest = Required<Omit<LoginRequest, 'relayState'>> & { requestId: string };

function writeAuthnRequest({ sp, idp, requestId, now, forceAuthn }: AuthnRequest) {
  const attributes = {
    'xmlns:samlp': namespaces.protocol,
    'xmlns:saml': namespaces.assertion,
    ID: requestId,
    Version: '2.0',
    IssueInstant: now.toISOString(),
    Destination: idp.ssoUrl,
    ProtocolBinding: bindings.post,
    AssertionConsumerServiceURL: sp.acsUrl,
    ...(forceAuthn ? { ForceAuthn: 'true' } : {}),
  };
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  const issuer = `<saml:Issuer>${escapeXml(sp.entityId)}</saml:Issuer>`;
  return `<samlp:AuthnRequest${written.join('')}>${issuer}<samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>`;
}

function escapeXml(text: string) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
