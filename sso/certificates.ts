import { createHash, X509Certificate, type KeyObject } from 'node:crypto';

/** A certificate that is pinned for a connection, ready to verify with. */
export type PinnedCertificate = {
  key: KeyObject;
  sha256Fingerprint: string;
  notAfter: Date;
  weakness: string | null;
};

const curves = ['prime256v1', 'secp384r1', 'secp521r1'];
const rsaBits = { least: 2048, most: 8192 } as const;

/** Reading a certificate costs more than verifying with it, so the last few hundred are kept. */
const kept = new Map<string, PinnedCertificate>();
const mostKept = 500;

/** Reads a pinned certificate; one that cannot be read was stored broken, which is a bug. */
export function readPinned(certificate: string): PinnedCertificate {
  const known = kept.get(certificate);
  if (known) return known;
  const parsed = parseCertificate(certificate);
  const key = parsed.publicKey;
  const pinned = {
    key,
    sha256Fingerprint: parsed.fingerprint256,
    notAfter: parsed.validToDate,
    weakness: weaknessOf(key),
  };
  if (kept.size >= mostKept) kept.clear();
  kept.set(certificate, pinned);
  return pinned;
}

/** Reads a certificate from PEM, or from the bare base64 of XML and admin consoles. Throws when it is none. */
export function parseCertificate(certificate: string) {
  if (certificate.includes('-----BEGIN CERTIFICATE-----')) return new X509Certificate(certificate);
  return new X509Certificate(Buffer.from(certificate.replace(/\s+/g, ''), 'base64'));
}

/** The SHA-256 of what a message calls its certificate; it decides nothing and may be of anything. */
export function fingerprintOf(certificate: string) {
  const digest = createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('hex');
  return digest.toUpperCase().replace(/(?<=..)(?=(?:..)+$)/g, ':');
}

/** Why a key must not be trusted, in words, or null: RSA from 2048 bits, ECDSA on P-256, P-384, P-521. */
export function weaknessOf(key: KeyObject) {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') {
    return curves.includes(namedCurve)
      ? null
      : `an elliptic curve key on ${namedCurve}, not on P-256, P-384 or P-521`;
  }
  if (key.asymmetricKeyType !== 'rsa') return `a key of the kind ${key.asymmetricKeyType}, not RSA or ECDSA`;
  if (modulusLength < rsaBits.least) return `an RSA key of ${modulusLength} bits, less than ${rsaBits.least}`;
  return modulusLength > rsaBits.most
    ? `an RSA key of ${modulusLength} bits, more than ${rsaBits.most}`
    : null;
}
