import { createHash, timingSafeEqual, verify } from 'node:crypto';
import { type AssertionStatements, readAssertion } from './assertion-statements.ts';
import { type PinnedCertificate, readPinned } from './certificates.ts';
import type { Envelope, ResponseClaims } from './envelope.ts';
import { SamlFailure } from './failures.ts';
import { namespaces } from './names.ts';
import type { SignedBlock } from './signature.ts';
import { childNamed, type Element, isNamed, withXml } from './xml.ts';

/** An assertion whose every statement was read from the bytes that a pinned key signed. */
export type VerifiedAssertion = AssertionStatements & {
  /** The Response around it, which may be unsigned: reason to refuse, never to let in. */
  response: ResponseClaims;
  /** What was signed: the assertion itself, the response around it, or both. */
  signed: readonly SignedBlock['signs'][];
  /** The pinned certificate it was verified with, and until when that says it is valid. */
  keyFingerprint: string;
  keyNotAfter: Date;
};

/**
 * Verifies every signature of the message with the connection's pinned certificates and reads the
 * assertion from the canonical text that was signed, from nothing else (XML Signature §3.2; the
 * certificate in KeyInfo is ignored). A pinned certificate is trusted until it is taken off the
 * connection: its own dates are not looked at (SAML Metadata Interoperability Profile §2.6.1).
 * Refuses with `signature_missing`, `certificate_unknown`, `signature_invalid` or `key_weak`.
 */
export function verifyAssertion(
  { response, signatures }: Envelope,
  certificates: readonly string[],
): VerifiedAssertion {
  if (signatures.length === 0) throw new SamlFailure('signature_missing');
  const pinned = certificates.map(readPinned);
  const verified = signatures.map((block) => ({ block, by: verifyBlock(block, pinned) }));
  // The assertion's own signature is the narrower one: what it covers is read where there are two.
  const source = verified.find(({ block }) => block.signs === 'Assertion') ?? verified[0];
  if (!source) throw new SamlFailure('signature_missing');
  const statements = withXml(source.block.canonical, (_, root) => readAssertion(assertionIn(root)));
  return {
    ...statements,
    response,
    signed: signatures.map(({ signs }) => signs),
    keyFingerprint: source.by.sha256Fingerprint,
    keyNotAfter: source.by.notAfter,
  };
}

function verifyBlock(block: SignedBlock, pinned: readonly PinnedCertificate[]) {
  const signer = pinned.find((candidate) => isSignedBy(block, candidate));
  if (!signer) throw unverified(block, pinned);
  const digest = createHash(block.digest.hash).update(block.canonical, 'utf8').digest();
  if (digest.length !== block.digest.value.length || !timingSafeEqual(digest, block.digest.value)) {
    throw new SamlFailure('signature_invalid', {
      signs: block.signs,
      problem: 'changed after it was signed',
    });
  }
  return signer;
}

function isSignedBy({ algorithm, signedInfo, value }: SignedBlock, { key, weakness }: PinnedCertificate) {
  if (weakness !== null || key.asymmetricKeyType !== algorithm.keyType) return false;
  return verify(algorithm.hash, Buffer.from(signedInfo, 'utf8'), { key, dsaEncoding: 'ieee-p1363' }, value);
}

/** Says which of the reasons it was, with both fingerprints, so that an admin sees what to exchange. */
function unverified({ signs, claimedFingerprint }: SignedBlock, pinned: readonly PinnedCertificate[]) {
  const expected = pinned.map(({ sha256Fingerprint }) => sha256Fingerprint);
  const detail = { signs, expected, received: claimedFingerprint };
  const claimed = pinned.find(({ sha256Fingerprint }) => sha256Fingerprint === claimedFingerprint);
  const weakness = claimed?.weakness ?? (claimed ? null : pinned[0]?.weakness);
  if (weakness) return new SamlFailure('key_weak', { ...detail, problem: weakness });
  if (claimedFingerprint !== null && !claimed) return new SamlFailure('certificate_unknown', detail);
  return new SamlFailure('signature_invalid', detail);
}

/** A verified root is the assertion, or the response with the one assertion the whitelist allows. */
function assertionIn(root: Element) {
  if (isNamed(root, namespaces.assertion, 'Assertion')) return root;
  const assertion = childNamed(root, namespaces.assertion, 'Assertion');
  if (!assertion) throw new SamlFailure('assertion_missing');
  return assertion;
}
