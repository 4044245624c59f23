import { ParseOption, XmlDocument, XmlElement, XmlError, XmlText, type XmlTreeNode } from 'libxml2-wasm';
import { SamlFailure } from './failures.ts';
import { namespaces } from './names.ts';

/** One element as plain data; `node` is its original and lives only as long as its document. */
export type Element = {
  namespace: string;
  name: string;
  attributes: readonly Attribute[];
  children: readonly Element[];
  /** The element's own text, without that of its children. */
  text: string;
  node: XmlElement;
};
type Attribute = { namespace: string; name: string; value: string };

/** Deeper, or with more prefixes in scope, than any real message: canonicalisation multiplies both. */
const limits = { depth: 24, namespacesInScope: 16 } as const;

/**
 * Parses XML without network or entities, lends the document to `work`, and frees it afterwards.
 * Refuses what is not well-formed, deeper than 24 levels, or over `mostNamespaces` declarations in scope.
 */
export function withXml<T>(
  xml: string,
  work: (document: XmlDocument, root: Element) => T,
  mostNamespaces: number = limits.namespacesInScope,
): T {
  const document = parse(xml);
  try {
    return work(document, readElement(document.root, { depth: 0, namespaces: mostNamespaces }));
  } finally {
    document.dispose();
  }
}

/** The children of this name, in order. */
export function childrenNamed(parent: Element, namespace: string, name: string) {
  return parent.children.filter((child) => isNamed(child, namespace, name));
}

export function childNamed(parent: Element, namespace: string, name: string) {
  return parent.children.find((child) => isNamed(child, namespace, name));
}

export function isNamed(element: Element, namespace: string, name: string) {
  return element.name === name && element.namespace === namespace;
}

/** The value of an attribute that is in no namespace, or null. */
export function attributeOf(element: Element, name: string) {
  return element.attributes.find((each) => each.name === name && each.namespace === '')?.value ?? null;
}

/** The element and everything below it. */
export function* descendantsOf(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) yield* descendantsOf(child);
}

function parse(xml: string) {
  try {
    return XmlDocument.fromString(xml, { option: ParseOption.XML_PARSE_NO_XXE });
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new SamlFailure('message_malformed', { problem: firstLine(error.message) });
  }
}

/** The first of the parser's complaints, short enough for a trace. */
export function firstLine(message: string) {
  return (message.split('\n', 1)[0] ?? '').slice(0, 300);
}

/** How deep an element stands, and how many namespace declarations may still come into scope. */
type Around = { depth: number; namespaces: number };

function readElement(node: XmlElement, around: Around): Element {
  const inside = {
    depth: around.depth + 1,
    namespaces: around.namespaces - Object.keys(node.nsDeclarations).length,
  };
  if (inside.depth > limits.depth) throw new SamlFailure('structure_excessive', { tooMany: 'levels' });
  if (inside.namespaces < 0) {
    throw new SamlFailure('structure_excessive', { tooMany: 'namespaces' });
  }
  const children: Element[] = [];
  const texts: string[] = [];
  for (let child: XmlTreeNode | null = node.firstChild; child !== null; child = child.next) {
    if (child instanceof XmlElement) children.push(readElement(child, inside));
    else if (child instanceof XmlText) texts.push(child.content);
    else throw new SamlFailure('markup_forbidden', { found: 'neither element nor text' });
  }
  const attributes = node.attrs.map(({ namespaceUri, name, value }) => ({
    namespace: namespaceUri,
    name,
    value,
  }));
  return { namespace: node.namespaceUri, name: node.name, attributes, children, text: texts.join(''), node };
}

/** Whether the document names schemas of its own, which a validator would go and look for. */
export function namesSchemas({ attributes }: Element) {
  return attributes.some(
    ({ namespace, name }) => namespace === namespaces.schemaInstance && /schemaLocation$/i.test(name),
  );
}
