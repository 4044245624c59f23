/** How the identity provider wants an AuthnRequest: in the address (HTTP-Redirect) or in a form (HTTP-POST). */
export type SsoBinding = 'redirect' | 'post';

/** A certificate under whose key an identity provider signs. */
export type IdpCertificate = {
  pem: string;
  /** Upper-case hexadecimal pairs with colons, as openssl and most admin consoles print it. */
  sha256Fingerprint: string;
  notAfter: Date;
};

/** What a connection needs of an identity provider's metadata (SAML metadata 2.0 §2.4.3). */
export type IdpMetadata = {
  entityId: string;
  ssoUrl: string;
  ssoBinding: SsoBinding;
  certificates: readonly IdpCertificate[];
};

/** The key a service provider signs its requests with; the private key is to be stored encrypted. */
export type SpKeyMaterial = {
  privateKeyPem: string;
  certificatePem: string;
  sha256Fingerprint: string;
  notAfter: Date;
};
