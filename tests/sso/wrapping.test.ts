import { expect, test } from 'vitest';
import { assertionAttacks, responseAttacks, victim } from '../support/saml-wrapping.ts';
import { accept, ada, aResponse, decode, encode, failureOf } from './world.ts';

const person = { ...ada, attributes: { team: 'engines' } };
const attempts = [
  ...Object.entries(responseAttacks).map(([name, attack]) => ({ name, attack, sign: 'response' as const })),
  ...Object.entries(assertionAttacks).map(([name, attack]) => ({ name, attack, sign: 'assertion' as const })),
  ...Object.entries(assertionAttacks).map(([name, attack]) => ({ name, attack, sign: 'both' as const })),
];

test('the message that the attacks start from is accepted', () => {
  for (const sign of ['response', 'assertion', 'both'] as const) {
    expect(accept(aResponse({ sign }, person)).nameId).toBe(ada.nameId);
  }
});

test.each(attempts)('$name, on a signed $sign, is refused', ({ attack, sign }) => {
  const signed = decode(aResponse({ sign }, person));

  const attacked = attack(signed);

  expect(attacked).toContain(victim);
  expect(attacked).not.toBe(signed);
  expect(failureOf(() => accept(encode(attacked))).code).not.toBe('accepted');
});

test('two SignedInfo and a comment in the DigestValue (CVE-2025-29774, CVE-2025-29775) are refused', () => {
  const signed = decode(aResponse()).replaceAll(ada.nameId, victim);
  const info = /<ds:SignedInfo.*?<\/ds:SignedInfo>/s.exec(signed)?.[0] ?? '';
  const doubled = signed.replace(info, info + info.replace(/<ds:DigestValue>/, '<ds:DigestValue>AAAA'));
  const commented = signed.replace('<ds:DigestValue>', '<ds:DigestValue><!--AAAA-->');

  expect(failureOf(() => accept(encode(doubled))).code).toBe('schema_invalid');
  expect(failureOf(() => accept(encode(commented))).code).toBe('markup_forbidden');
});

test('a second Assertion beside a signed one is refused as ambiguous before it is parsed', () => {
  const doubled = decode(aResponse()).replace(/<saml:Assertion.*<\/saml:Assertion>/s, (one) => one + one);

  expect(failureOf(() => accept(encode(doubled))).code).toBe('assertion_ambiguous');
});
