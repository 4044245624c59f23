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

/** Reads an identity provider's metadata, or refuses with INVALID_INPUT and the reason in plain words. */
export type ReadIdpMetadata = (metadataXml: string) => IdpMetadata;

/** Reads certificates given without metadata, as PEM or bare base64; the same refusals. */
export type ReadIdpCertificates = (certificates: readonly string[]) => IdpCertificate[];

/** Makes the key of one connection's service provider, with a self-signed certificate around it. */
export type MakeSpKeyMaterial = (commonName: string, now: Date) => Promise<SpKeyMaterial>;
