/** The namespaces of SAML 2.0 (core §1.1) and of what it is built on. */
export const namespaces = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  schemaInstance: 'http://www.w3.org/2001/XMLSchema-instance',
} as const;

/** The name identifier formats that mean something to us (core §8.3). */
export const nameIdFormats = {
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
} as const;

/** The bindings of the browser SSO profile (bindings §3.4, §3.5). */
export const bindings = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const;

/** The only status that lets anybody in (core §3.2.2.2). */
export const successStatus = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** The only subject confirmation of the browser SSO profile (profiles §3.3). */
export const bearerMethod = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
