import { beforeAll, expect, test } from 'vitest';
import { openEnvelope } from '../../sso/envelope.ts';
import { accept, ada, aResponse, decode, encode, failureOf } from './world.ts';

type Change = (xml: string) => string;

const good = decode(aResponse());
const at =
  (place: string, added: string): Change =>
  (xml) =>
    xml.replace(place, added + place);
const openCode = (xml: string) => failureOf(() => openEnvelope(encode(xml))).code;

// The schemas load at the first message; what is timed below is every one after it.
beforeAll(() => {
  accept(encode(good));
});

test.each([
  ['not base64', '%%%', 'message_malformed'],
  ['base64 that is not canonical', `${encode(good).replace(/=*$/, '')}===`, 'message_malformed'],
  ['base64 with blanks in it', encode(good).replace(/^..../, '$& '), 'message_malformed'],
  ['nothing', '', 'message_malformed'],
  ['bytes that are not UTF-8', Buffer.from([0x3c, 0xff, 0xfe]).toString('base64'), 'message_malformed'],
  ['more than 256 KB', 'A'.repeat(256 * 1024 + 4), 'message_too_large'],
])('%s is refused', (_, field, code) => {
  expect(failureOf(() => openEnvelope(field)).code).toBe(code);
});

test('base64 in lines of 76 characters is read', () => {
  const lines = encode(good).replace(/.{76}/g, '$&\r\n');

  expect(accept(lines).nameId).toBe(ada.nameId);
});

test('a leading XML declaration of UTF-8 is read, one of another encoding is not', () => {
  expect(openCode(`<?xml version="1.0" encoding="UTF-8"?>${good}`)).toBe('accepted');
  expect(openCode(`<?xml version="1.0" encoding="UTF-16"?>${good}`)).toBe('markup_forbidden');
});

test.each<[name: string, change: Change]>([
  ['a document type', (xml) => `<!DOCTYPE a [<!ENTITY b "c">]>${xml}`],
  ['an external document type', (xml) => `<!DOCTYPE a SYSTEM "file:///etc/passwd">${xml}`],
  ['a comment inside the NameID', (xml) => xml.replace('ada@acme', 'ada@acme<!---->')],
  ['a comment before the root', (xml) => `<!-- -->${xml}`],
  ['a processing instruction', at('<samlp:Status>', '<?php ?>')],
  ['a CDATA section', (xml) => xml.replace('Ada<', '<![CDATA[Ada]]><')],
  ['a NUL', (xml) => xml.replace('Ada', 'A\0a')],
])('%s is refused as markup', (_, change) => {
  expect(openCode(change(good))).toBe('markup_forbidden');
});

test.each<[name: string, change: Change, code: string]>([
  ['an undefined entity', (xml) => xml.replace('Ada', '&ada;'), 'message_malformed'],
  ['a tag that does not close', (xml) => xml.slice(0, -3), 'message_malformed'],
  [
    'an element in the NameID',
    (xml) => xml.replace('ada@acme.example<', 'a<saml:Issuer>b</saml:Issuer><'),
    'schema_invalid',
  ],
  ['an unknown element', at('<samlp:Status>', '<samlp:Other/>'), 'schema_invalid'],
  ['another root', (xml) => xml.replaceAll('samlp:Response', 'samlp:ArtifactResponse'), 'structure_invalid'],
  ['version 1.1', (xml) => xml.replace('Version="2.0"', 'Version="1.1"'), 'structure_invalid'],
  [
    'Extensions',
    at('<samlp:Status>', '<samlp:Extensions><a xmlns="urn:a"/></samlp:Extensions>'),
    'structure_invalid',
  ],
  ['StatusDetail', at('</samlp:Status>', '<samlp:StatusDetail/>'), 'structure_invalid'],
  ['Advice', at('<saml:AuthnStatement', '<saml:Advice/>'), 'structure_invalid'],
  [
    'a retyped element',
    (xml) => xml.replace('<saml:Subject>', '<saml:Subject xsi:type="saml:SubjectType">'),
    'structure_invalid',
  ],
  [
    'a schema of its own',
    (xml) => xml.replace('<samlp:Response', '<samlp:Response xsi:schemaLocation="urn:a https://a.example"'),
    'structure_invalid',
  ],
  [
    'an ID in another spelling',
    (xml) => xml.replace(/<saml:AttributeValue[^>]*>/, '<saml:AttributeValue><a id="b"/>'),
    'structure_invalid',
  ],
  [
    'an encrypted assertion',
    (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, encrypted),
    'assertion_encrypted',
  ],
  ['no assertion', (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, ''), 'assertion_missing'],
])('%s is refused', (_, change, code) => {
  expect(openCode(change(good))).toBe(code);
});

const encrypted =
  '<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>';

test.each<[name: string, change: Change, code: string]>([
  ['two Transforms too many', (xml) => xml.replace(/<ds:Transform .*?\/>/, '$&$&'), 'structure_invalid'],
  [
    'no enveloped transform',
    (xml) => xml.replace(/<ds:Transform [^>]*enveloped-signature"\/>/, ''),
    'structure_invalid',
  ],
  [
    'an XPath transform',
    (xml) => xml.replace('xml-exc-c14n#"/></ds:Transforms>', 'xpath"/></ds:Transforms>'),
    'structure_invalid',
  ],
  [
    'canonicalisation with comments',
    (xml) => xml.replaceAll('xml-exc-c14n#"', 'xml-exc-c14n#WithComments"'),
    'structure_invalid',
  ],
  ['a Reference to the whole document', (xml) => xml.replace(/URI="#[^"]*"/, 'URI=""'), 'structure_invalid'],
  ['a Reference to elsewhere', (xml) => xml.replace(/URI="#[^"]*"/, 'URI="#other"'), 'structure_invalid'],
  ['a ds:Object', at('</ds:Signature>', '<ds:Object/>'), 'structure_invalid'],
])('a signature with %s is refused', (_, change, code) => {
  expect(openCode(change(good))).toBe(code);
});

test('a namespace that is a relative reference, which has no canonical form, is refused', () => {
  const relative = good.replace(/<saml:AttributeValue[^>]*>/, '<saml:AttributeValue><a xmlns="b"/>');

  expect(openCode(relative)).toBe('structure_invalid');
});

test("the identity provider's own refusal is told with its reason, signed or not", () => {
  const refusal = aResponse({ sign: 'none', status: 'Responder' });

  expect(failureOf(() => openEnvelope(refusal))).toEqual({
    code: 'status_not_success',
    detail: { status: 'Responder', subStatus: null, message: null },
  });
});
