import { XmlC14NMode } from 'libxml2-wasm';

type Hash = 'sha256' | 'sha384' | 'sha512';

/** How a signature value was made; ECDSA values are r‖s, as XML Signature 1.1 §6.4.3 has it. */
export type SignatureAlgorithm = { keyType: 'rsa' | 'ec'; hash: Hash };

const more = 'http://www.w3.org/2001/04/xmldsig-more#';
const encryption = 'http://www.w3.org/2001/04/xmlenc#';

/** The signature algorithms that are accepted (RFC 9231 §2.3). SHA-1, MD5 and HMAC are not among them. */
export const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [`${more}rsa-sha256`, { keyType: 'rsa', hash: 'sha256' }],
  [`${more}rsa-sha384`, { keyType: 'rsa', hash: 'sha384' }],
  [`${more}rsa-sha512`, { keyType: 'rsa', hash: 'sha512' }],
  [`${more}ecdsa-sha256`, { keyType: 'ec', hash: 'sha256' }],
  [`${more}ecdsa-sha384`, { keyType: 'ec', hash: 'sha384' }],
  [`${more}ecdsa-sha512`, { keyType: 'ec', hash: 'sha512' }],
]);

/** The digest algorithms that are accepted. */
export const digestAlgorithms: ReadonlyMap<string, Hash> = new Map([
  [`${encryption}sha256`, 'sha256'],
  [`${more}sha384`, 'sha384'],
  [`${encryption}sha512`, 'sha512'],
]);

/** The canonicalisations that are accepted: none keeps comments (core §5.4.3). */
export const canonicalizations: ReadonlyMap<
  string,
  (typeof XmlC14NMode)['XML_C14N_1_0' | 'XML_C14N_EXCLUSIVE_1_0']
> = new Map([
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', XmlC14NMode.XML_C14N_1_0],
  ['http://www.w3.org/2001/10/xml-exc-c14n#', XmlC14NMode.XML_C14N_EXCLUSIVE_1_0],
]);

/** The namespace of InclusiveNamespaces, which is also the name of exclusive canonicalisation. */
export const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** The transform that leaves the signature itself out of what it signs. */
export const envelopedTransform = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
