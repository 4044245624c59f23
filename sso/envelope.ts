import { SamlFailure } from './failures.ts';
import { checkCounts, checkMarkup } from './markup.ts';
import { namespaces } from './names.ts';
import { checkSchema } from './schema.ts';
import { readSignature, type SignedBlock } from './signature.ts';
import { checkStructure } from './structure.ts';
import { attributeOf, childNamed, descendantsOf, type Element, namesSchemas, withXml } from './xml.ts';

/** What the Response itself says. It may be unsigned: use it to refuse, never to let in. */
export type ResponseClaims = {
  id: string;
  issuer: string | null;
  destination: string | null;
  inResponseTo: string | null;
};

/** A login response of the one accepted shape, with its signatures taken apart and not yet verified. */
export type Envelope = { response: ResponseClaims; signatures: readonly SignedBlock[] };

/** The largest form field that is read, in characters of base64 (bindings §3.5.4). */
const mostCharacters = 256 * 1024;

/**
 * Opens the SAMLResponse field of an HTTP-POST login (bindings §3.5): decodes, refuses what is
 * dangerous before parsing it, parses, validates, and holds the result against the whitelist.
 * Plain data comes out; nothing is left to free. Refuses with `SamlFailure`.
 */
export function openEnvelope(samlResponse: string): Envelope {
  const xml = decodeMessage(samlResponse);
  checkMarkup(xml);
  checkCounts(xml);
  return withXml(xml, (document, root) => {
    for (const element of descendantsOf(root)) {
      if (namesSchemas(element)) throw new SamlFailure('structure_invalid', { found: 'a schemaLocation' });
    }
    checkSchema(document, 'protocol');
    const { response, assertion } = checkStructure(root);
    const outer = signatureOf(response);
    const inner = signatureOf(assertion);
    const signatures: SignedBlock[] = [];
    // The outer signature covers the inner one, which is cut out when it is read.
    if (outer) signatures.push(readSignature(outer, response, 'Response'));
    if (inner) signatures.push(readSignature(inner, assertion, 'Assertion'));
    return { response: readClaims(response), signatures };
  });
}

/** Canonical base64, in lines or not (RFC 2045 §6.8), of UTF-8 without a fault. */
function decodeMessage(samlResponse: string) {
  if (samlResponse.length > mostCharacters) {
    throw new SamlFailure('message_too_large', { characters: samlResponse.length, most: mostCharacters });
  }
  const base64 = samlResponse.replace(/[\r\n]+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== base64) {
    throw new SamlFailure('message_malformed', { problem: 'not base64' });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SamlFailure('message_malformed', { problem: 'not UTF-8' });
  }
}

function signatureOf(element: Element) {
  return childNamed(element, namespaces.signature, 'Signature');
}

function readClaims(response: Element): ResponseClaims {
  return {
    id: attributeOf(response, 'ID') ?? '',
    issuer: childNamed(response, namespaces.assertion, 'Issuer')?.text ?? null,
    destination: attributeOf(response, 'Destination'),
    inResponseTo: attributeOf(response, 'InResponseTo'),
  };
}
