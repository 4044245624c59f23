import { XmlC14NMode, type XmlElement, XmlError } from 'libxml2-wasm';
import {
  canonicalizations,
  digestAlgorithms,
  envelopedTransform,
  exclusiveC14n,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from './algorithms.ts';
import { fingerprintOf } from './certificates.ts';
import { SamlFailure } from './failures.ts';
import { namespaces } from './names.ts';
import { attributeOf, childNamed, childrenNamed, descendantsOf, type Element, isNamed } from './xml.ts';

/** One signature of a message, with the bytes it is about. Nothing in it has been verified yet. */
export type SignedBlock = {
  signs: 'Response' | 'Assertion';
  signedInfo: string;
  algorithm: SignatureAlgorithm;
  value: Buffer;
  digest: { hash: string; value: Buffer };
  /** The canonical text of the signed element: the only text that may be read once it is verified. */
  canonical: string;
  /** SHA-256 of the certificate in KeyInfo, for the trace only: the key is pinned, never taken from here. */
  claimedFingerprint: string | null;
};

/**
 * Takes a signature apart and canonicalises what it signs. Refuses all but one Reference to the
 * parent's own ID, the enveloped transform and one canonicalisation (core §5.4), and weak algorithms.
 * Leaves the signature cut out of the document, so an outer signature must be read before an inner one.
 */
export function readSignature(signature: Element, signed: Element, signs: SignedBlock['signs']): SignedBlock {
  if (childNamed(signature, namespaces.signature, 'Object')) throw refuse('a ds:Object in the signature');
  const info = only(signature, 'SignedInfo');
  const reference = only(info, 'Reference');
  if (attributeOf(reference, 'URI') !== `#${attributeOf(signed, 'ID') ?? ''}`) {
    throw refuse('a Reference that is not to the element which holds the signature');
  }
  const block = {
    signs,
    algorithm: known(signatureAlgorithms, only(info, 'SignatureMethod')),
    value: decode(only(signature, 'SignatureValue')),
    digest: {
      hash: known(digestAlgorithms, only(reference, 'DigestMethod')),
      value: decode(only(reference, 'DigestValue')),
    },
    claimedFingerprint: claimedFingerprint(signature),
    signedInfo: canonicalize(info.node, canonicalizationOf(only(info, 'CanonicalizationMethod'))),
  };
  const transform = transformOf(reference);
  signature.node.remove();
  return { ...block, canonical: canonicalize(signed.node, transform) };
}

type Canonicalization = { mode: 0 | 1; inclusiveNamespacePrefixes: string[] };

/** By node set, not by subtree: the library decides a set by pointers, a subtree by objects made for every node. */
function canonicalize(node: XmlElement, canonicalization: Canonicalization) {
  const part = node.parent === null ? {} : { nodeSet: new Set([node]) };
  try {
    return node.doc.canonicalizeToString({ ...canonicalization, ...part, withComments: false });
  } catch (error) {
    // Such as a namespace that is a relative reference (Canonical XML §1.3).
    if (error instanceof XmlError) throw refuse('what cannot be canonicalised');
    throw error;
  }
}

/** Enveloped first, then at most one canonicalisation; without one it is Canonical XML 1.0 (XML Signature §4.4.3.2). */
function transformOf(reference: Element): Canonicalization {
  const transforms = childrenNamed(only(reference, 'Transforms'), namespaces.signature, 'Transform');
  const [enveloped, canonicalization, ...more] = transforms;
  if (
    !enveloped ||
    attributeOf(enveloped, 'Algorithm') !== envelopedTransform ||
    enveloped.children.length > 0
  ) {
    throw refuse('a signature whose first transform is not the enveloped one');
  }
  if (more.length > 0) throw refuse('more than two transforms');
  if (!canonicalization) return { mode: XmlC14NMode.XML_C14N_1_0, inclusiveNamespacePrefixes: [] };
  return canonicalizationOf(canonicalization);
}

function canonicalizationOf(element: Element): Canonicalization {
  const algorithm = attributeOf(element, 'Algorithm') ?? '';
  const mode = canonicalizations.get(algorithm);
  if (mode === undefined) throw refuse(`the transform ${algorithm}`);
  const [inclusive, ...more] = element.children;
  if (!inclusive) return { mode, inclusiveNamespacePrefixes: [] };
  if (
    more.length > 0 ||
    algorithm !== exclusiveC14n ||
    !isNamed(inclusive, exclusiveC14n, 'InclusiveNamespaces')
  ) {
    throw refuse('a canonicalisation with other parameters than InclusiveNamespaces');
  }
  const prefixes = (attributeOf(inclusive, 'PrefixList') ?? '')
    .split(/\s+/)
    .filter((prefix) => prefix !== '');
  if (prefixes.length > 32) throw new SamlFailure('structure_excessive', { tooMany: 'prefixes' });
  return { mode, inclusiveNamespacePrefixes: prefixes };
}

function known<T>(algorithms: ReadonlyMap<string, T>, method: Element) {
  const name = attributeOf(method, 'Algorithm') ?? '';
  const algorithm = algorithms.get(name);
  if (algorithm === undefined) throw new SamlFailure('algorithm_weak', { algorithm: name });
  if (method.children.length > 0) throw refuse(`parameters of ${name}`);
  return algorithm;
}

function only(parent: Element, name: string) {
  const [first, ...more] = childrenNamed(parent, namespaces.signature, name);
  if (!first || more.length > 0) throw refuse(`not exactly one ${name} in ${parent.name}`);
  return first;
}

function decode(element: Element) {
  return Buffer.from(element.text.replace(/\s+/g, ''), 'base64');
}

function claimedFingerprint(signature: Element) {
  const keyInfo = childNamed(signature, namespaces.signature, 'KeyInfo');
  if (!keyInfo) return null;
  for (const element of descendantsOf(keyInfo)) {
    if (isNamed(element, namespaces.signature, 'X509Certificate')) return fingerprintOf(element.text);
  }
  return null;
}

function refuse(found: string) {
  return new SamlFailure('structure_invalid', { found });
}
