import { SamlFailure } from './failures.ts';

/** More than any real message holds; what is above it is refused before a parser sees it. */
const limits = { elements: 3000, attributes: 6000, attributesOfATag: 64 } as const;

/** Elements whose number decides how much work a message makes, and how many of each it may hold. */
const mostOf: Readonly<Record<string, number>> = {
  Signature: 2,
  SignedInfo: 2,
  Reference: 2,
  Transform: 4,
  Assertion: 1,
  EncryptedAssertion: 1,
};

const declaration =
  /^<\?xml\s+version=["']1\.0["'](?:\s+encoding=["']utf-8["'])?(?:\s+standalone=["'](?:yes|no)["'])?\s*\?>/i;

/**
 * Refuses, in one pass over the text, what no SAML message contains: a document type, entities,
 * comments, CDATA, processing instructions, a declaration of another encoding (core §1.3; the
 * comment inside a NameID is CVE-2017-11427 and its kin), and more markup than a real one has.
 */
export function checkMarkup(xml: string) {
  if (xml.includes('\0')) throw new SamlFailure('markup_forbidden', { found: 'NUL' });
  const body = xml.replace(declaration, '');
  for (const found of ['<!--', '<![CDATA[', '<!', '<?']) {
    if (body.includes(found)) throw new SamlFailure('markup_forbidden', { found });
  }
  checkSize(body);
}

/** Counts References, Signatures, Transforms and Assertions: 200 References cost other parsers ten seconds. */
export function checkCounts(xml: string) {
  const counts = new Map<string, number>();
  for (const [, name = ''] of xml.matchAll(/<(?:[^\s<>/:"'=]+:)?([A-Z][A-Za-z]+)(?=[\s/>])/g)) {
    const most = mostOf[name];
    if (most === undefined) continue;
    const count = (counts.get(name) ?? 0) + 1;
    if (count > most) throw tooMany(name);
    counts.set(name, count);
  }
}

/** Takes comments out; metadata has them, and nothing in metadata is read around one. */
export function withoutComments(xml: string) {
  const kept: string[] = [];
  let from = 0;
  for (let start = xml.indexOf('<!--'); start !== -1; start = xml.indexOf('<!--', from)) {
    const end = xml.indexOf('-->', start + 4);
    if (end === -1) throw new SamlFailure('message_malformed', { problem: 'a comment does not end' });
    kept.push(xml.slice(from, start));
    from = end + 3;
  }
  return kept.join('') + xml.slice(from);
}

function checkSize(body: string) {
  let elements = 0;
  let attributes = 0;
  for (const [tag] of body.matchAll(/<[^/][^<]*/g)) {
    const ofTag = tag.match(/=\s*["']/g)?.length ?? 0;
    elements += 1;
    attributes += ofTag;
    if (elements > limits.elements) throw tooMany('elements');
    if (ofTag > limits.attributesOfATag || attributes > limits.attributes) throw tooMany('attributes');
  }
}

function tooMany(what: string) {
  const code = what === 'Assertion' ? 'assertion_ambiguous' : 'structure_excessive';
  return new SamlFailure(code, { tooMany: what });
}
