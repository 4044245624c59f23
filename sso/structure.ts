import { SamlFailure } from './failures.ts';
import { namespaces, successStatus } from './names.ts';
import { attributeOf, childNamed, childrenNamed, descendantsOf, type Element, isNamed } from './xml.ts';

const { protocol, assertion: saml, signature: ds, schemaInstance } = namespaces;

/** The elements that SAML allows but that no login needs, or that could hide a second message. */
const refused: readonly (readonly [namespace: string, name: string])[] = [
  [protocol, 'Extensions'],
  [protocol, 'StatusDetail'],
  [saml, 'Advice'],
  [saml, 'Condition'],
  [saml, 'Statement'],
  [saml, 'BaseID'],
  [ds, 'Object'],
];

/**
 * Holds a schema-valid document against the whitelist: a SAML 2.0 Response with one Assertion as its
 * child and nowhere else, signatures only directly in those two, no element that extends or hides,
 * no two equal IDs. Refuses what signature wrapping is made of before any signature is looked at.
 */
export function checkStructure(root: Element) {
  if (!isNamed(root, protocol, 'Response')) throw refuse(`a ${root.name} where a Response should be`);
  if (attributeOf(root, 'Version') !== '2.0') throw refuse('another version than SAML 2.0');
  checkStatus(root);
  const elements = [...descendantsOf(root)];
  checkElements(elements);
  const assertion = onlyAssertion(root, elements);
  checkSignatures(elements, [root, assertion]);
  checkIds(elements);
  return { response: root, assertion };
}

/** The IdP's own refusal comes first: such a response has no assertion and is rarely signed. */
function checkStatus(response: Element) {
  const status = childNamed(response, protocol, 'Status');
  const code = status && childNamed(status, protocol, 'StatusCode');
  const value = code && attributeOf(code, 'Value');
  if (value === successStatus) return;
  const inner = code && childNamed(code, protocol, 'StatusCode');
  const message = status && childNamed(status, protocol, 'StatusMessage');
  throw new SamlFailure('status_not_success', {
    status: lastPart(value),
    subStatus: lastPart(inner && attributeOf(inner, 'Value')),
    message: message?.text.slice(0, 200) ?? null,
  });
}

function checkElements(elements: readonly Element[]) {
  if (elements.some((element) => isNamed(element, saml, 'EncryptedAssertion'))) {
    throw new SamlFailure('assertion_encrypted');
  }
  for (const element of elements) {
    if (refused.some(([namespace, name]) => isNamed(element, namespace, name))) throw refuse(element.name);
    const retyped = element.attributes.some(({ namespace }) => namespace === schemaInstance);
    if (retyped && !isNamed(element, saml, 'AttributeValue'))
      throw refuse(`xsi: attributes on ${element.name}`);
  }
}

function onlyAssertion(root: Element, elements: readonly Element[]) {
  const assertions = elements.filter((element) => isNamed(element, saml, 'Assertion'));
  if (assertions.length > 1) throw new SamlFailure('assertion_ambiguous');
  const [assertion] = childrenNamed(root, saml, 'Assertion');
  if (assertion && attributeOf(assertion, 'Version') !== '2.0') throw refuse('another version than SAML 2.0');
  if (assertion) return assertion;
  if (assertions.length > 0) throw refuse('an Assertion that is not a child of the Response');
  throw new SamlFailure('assertion_missing');
}

function checkSignatures(elements: readonly Element[], holders: readonly Element[]) {
  const allowed = holders.flatMap((holder) => childrenNamed(holder, ds, 'Signature'));
  const signatures = elements.filter((element) => isNamed(element, ds, 'Signature'));
  if (signatures.some((signature) => !allowed.includes(signature))) {
    throw refuse('a Signature that is not a child of the Response or its Assertion');
  }
  if (holders.some((holder) => childrenNamed(holder, ds, 'Signature').length > 1))
    throw refuse('two Signatures');
}

/** `ID` is SAML's, `Id` is XML Signature's and Encryption's; any other spelling is there to confuse. */
function checkIds(elements: readonly Element[]) {
  const seen = new Set<string>();
  for (const { attributes, namespace } of elements) {
    for (const attribute of attributes.filter(({ name }) => name.toLowerCase() === 'id')) {
      const spelling = namespace === protocol || namespace === saml ? 'ID' : 'Id';
      if (attribute.namespace !== '' || attribute.name !== spelling)
        throw refuse(`an attribute ${attribute.name}`);
      if (seen.has(attribute.value)) throw refuse('two equal IDs');
      seen.add(attribute.value);
    }
  }
}

function lastPart(urn: string | null | undefined) {
  return urn?.split(':').at(-1)?.slice(0, 100) ?? null;
}

function refuse(found: string) {
  return new SamlFailure('structure_invalid', { found });
}
