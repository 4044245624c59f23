import { createHash, randomUUID, sign } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import type { SpKeyMaterial } from '../../src/infra/idp-metadata.ts';

/** Who signs in. `attributes` are sent under their names as they stand. */
export type Person = {
  nameId: string;
  email?: string;
  givenName?: string;
  familyName?: string;
  attributes?: Readonly<Record<string, string | readonly string[]>>;
};

/** Everything a response says; tests change single fields. A null leaves the thing out. */
export type ResponseValues = {
  person: Person;
  nameIdFormat: string;
  issuer: string;
  responseIssuer: string | null;
  audience: string | null;
  recipient: string;
  destination: string | null;
  inResponseTo: string | null;
  responseInResponseTo: string | null;
  status: string;
  now: Date;
};

const names = { email: 'email', givenName: 'firstName', familyName: 'lastName' } as const;

/** Writes an unsigned SAML response the way common identity providers do. */
export function writeResponse(values: ResponseValues) {
  const { destination, responseInResponseTo, responseIssuer, status, now } = values;
  const attributes = written({
    ID: `_${randomUUID()}`,
    Version: '2.0',
    IssueInstant: now.toISOString(),
    Destination: destination,
    InResponseTo: responseInResponseTo,
  });
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"${attributes}>` +
    (responseIssuer === null ? '' : `<saml:Issuer>${escapeXml(responseIssuer)}</saml:Issuer>`) +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>` +
    (status === 'Success' ? writeAssertion(values) : '') +
    `</samlp:Response>`
  );
}

function writeAssertion({ person, now, ...values }: ResponseValues) {
  const start = new Date(now.getTime() - 30_000).toISOString();
  const end = new Date(now.getTime() + 300_000).toISOString();
  const confirmation = written({
    NotOnOrAfter: end,
    Recipient: values.recipient,
    InResponseTo: values.inResponseTo,
  });
  const audience =
    values.audience === null
      ? ''
      : `<saml:AudienceRestriction><saml:Audience>${escapeXml(values.audience)}</saml:Audience></saml:AudienceRestriction>`;
  return (
    `<saml:Assertion${written({ ID: `_${randomUUID()}`, Version: '2.0', IssueInstant: now.toISOString() })}>` +
    `<saml:Issuer>${escapeXml(values.issuer)}</saml:Issuer>` +
    `<saml:Subject><saml:NameID${written({ Format: values.nameIdFormat })}>${escapeXml(person.nameId)}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData${confirmation}/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions${written({ NotBefore: start, NotOnOrAfter: end })}>${audience}</saml:Conditions>` +
    `<saml:AuthnStatement${written({ AuthnInstant: now.toISOString(), SessionIndex: `_${randomUUID()}` })}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    writeAttributes(person) +
    `</saml:Assertion>`
  );
}

function writeAttributes({ attributes = {}, ...person }: Person) {
  const known = Object.entries(names).flatMap(([field, name]): [string, string][] => {
    const value = person[field as keyof typeof names];
    return value === undefined ? [] : [[name, value]];
  });
  const all = [...known, ...Object.entries(attributes)].map(([name, values]) => {
    const each = [values]
      .flat()
      .map((value) => `<saml:AttributeValue xsi:type="xs:string">${escapeXml(value)}</saml:AttributeValue>`);
    return `<saml:Attribute${written({ Name: name })}>${each.join('')}</saml:Attribute>`;
  });
  return all.length === 0 ? '' : `<saml:AttributeStatement>${all.join('')}</saml:AttributeStatement>`;
}

/** How a part of the message is signed. */
export type Signing = {
  key: SpKeyMaterial;
  signatureAlgorithm: string;
  digestAlgorithm: string;
  canonicalization: string;
  /** Whether KeyInfo carries the certificate. */
  withCertificate: boolean;
};

/** Signs the Response or the Assertion of a message, in place, as the schema orders it: after the Issuer. */
export function signPart(xml: string, part: 'Response' | 'Assertion', signing: Signing) {
  const signer = new SignedXml({
    privateKey: signing.key.privateKeyPem,
    publicCert: signing.key.certificatePem,
    signatureAlgorithm: signing.signatureAlgorithm,
    canonicalizationAlgorithm: signing.canonicalization,
    ...(signing.withCertificate ? {} : { getKeyInfoContent: () => null }),
  });
  addAlgorithms(signer);
  const path = `//*[local-name(.)='${part}']`;
  signer.addReference({
    xpath: path,
    digestAlgorithm: signing.digestAlgorithm,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', signing.canonicalization],
  });
  const issuer = `${path}/*[local-name(.)='Issuer']`;
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: issuer, action: 'after' } });
  return signer.getSignedXml();
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#';

/** Adds what identity providers use and xml-crypto does not know: SHA-384 and ECDSA (RFC 9231). */
function addAlgorithms(signer: SignedXml) {
  for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
    for (const kind of ['rsa', 'ecdsa'] as const) {
      const name = `${more}${kind}-${hash}`;
      signer.SignatureAlgorithms[name] ??= class {
        getAlgorithmName = () => name;
        verifySignature = () => false;
        getSignature = (text: unknown, key: unknown) =>
          sign(hash, Buffer.from(String(text)), { key: String(key), dsaEncoding: 'ieee-p1363' }).toString(
            'base64',
          );
      };
    }
  }
  signer.HashAlgorithms[`${more}sha384`] = class {
    getAlgorithmName = () => `${more}sha384`;
    getHash = (xml: string) => createHash('sha384').update(xml, 'utf8').digest('base64');
  };
}

function written(attributes: Readonly<Record<string, string | null>>) {
  return Object.entries(attributes)
    .map(([name, value]) => (value === null ? '' : ` ${name}="${escapeXml(value)}"`))
    .join('');
}

function escapeXml(text: string) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
