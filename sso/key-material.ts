import { generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { SpKeyMaterial } from '../src/infra/idp-metadata.ts';

const oids = {
  // sha256WithRSAEncryption 1.2.840.113549.1.1.11 (RFC 4055 §5) and commonName 2.5.4.3 (RFC 5280 App. A).
  sha256WithRsa: Buffer.from('06092a864886f70d01010b', 'hex'),
  commonName: Buffer.from('0603550403', 'hex'),
} as const;

const validYears = 10;

/**
 * Makes an RSA-2048 key and a self-signed X.509 certificate around it, off the event loop's thread.
 * Partners pin the certificate, so it says nothing but a name and ten years of validity.
 */
export async function makeSpKeyMaterial(commonName: string, now: Date): Promise<SpKeyMaterial> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = new X509Certificate(signCertificate({ publicKey, privateKey }, commonName, now));
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: certificate.toString(),
    sha256Fingerprint: certificate.fingerprint256,
    notAfter: certificate.validToDate,
  };
}

type RsaKeyPair = { publicKey: KeyObject; privateKey: KeyObject };

/** A version 3 certificate without extensions, as DER (RFC 5280 §4.1). */
function signCertificate({ publicKey, privateKey }: RsaKeyPair, commonName: string, now: Date) {
  const algorithm = der(0x30, oids.sha256WithRsa, der(0x05));
  const name = nameOf(commonName);
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + validYears);
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serialNumber()),
    algorithm,
    name,
    der(0x30, timeOf(now), timeOf(end)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  return der(0x30, toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
}

/** A name may have 64 characters (RFC 5280 App. A.1, ub-common-name). */
function nameOf(commonName: string) {
  const value = der(0x0c, Buffer.from(Array.from(commonName).slice(0, 64).join(''), 'utf8'));
  return der(0x30, der(0x31, der(0x30, oids.commonName, value)));
}

/** Positive and at most 20 octets (RFC 5280 §4.1.2.2). */
function serialNumber() {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
function timeOf(time: Date) {
  const digits = `${time.toISOString().replace(/[-:T]|\..*$/g, '')}Z`;
  return time.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}

/** One tag-length-value of DER (X.690 §8.1). */
function der(tag: number, ...contents: Buffer[]) {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number) {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
