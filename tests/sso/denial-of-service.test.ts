import { beforeAll, expect, test } from 'vitest';
import { accept, aResponse, decode, encode, failureOf } from './world.ts';

const mostMs = 50;
const inclusive = { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' };
// Inclusive canonicalisation of both parts is the most work that a message can ask for.
const costly = decode(aResponse({ sign: 'both', signing: inclusive }));
const good = decode(aResponse());
// A value without a type may hold anything, so the schema stops none of these.
const inValue = (xml: string) =>
  costly.replace(/<saml:AttributeValue[^>]*>Ada</, `<saml:AttributeValue>${xml}<`);
const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const filled = (piece: (index: number) => string, bytes = 180_000) => {
  const pieces: string[] = [];
  for (let size = 0, index = 0; size < bytes; index += 1) {
    const next = piece(index);
    size += next.length;
    pieces.push(next);
  }
  return pieces.join('');
};
const reference = /<ds:Reference .*<\/ds:Reference>/s.exec(good)?.[0] ?? '';
const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(good)?.[0] ?? '';
const assertion = /<saml:Assertion.*<\/saml:Assertion>/s.exec(good)?.[0] ?? '';
const transform = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>';

/** The quickest of three runs: what else the machine does can only make one slower. */
function quickestMs(work: () => unknown) {
  const runs = [1, 2, 3].map(() => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...runs);
}

beforeAll(() => {
  accept(encode(good));
});

const bombs: Readonly<Record<string, () => string>> = {
  '200 References': () => good.replace(reference, reference.repeat(200)),
  '1,000 Transforms': () => good.replace('</ds:Transforms>', `${transform.repeat(1000)}</ds:Transforms>`),
  '60 Signatures': () => good.replace(signature, signature.repeat(60)),
  '100 Assertions': () => good.replace(assertion, assertion.replace(signature, '').repeat(100)),
  'a depth of 20,000': () => inValue(nested(20_000)),
  'a depth of 250': () => inValue(nested(250)),
  'a billion laughs': () => `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${inValue('&b;')}`,
  '60,000 elements': () => inValue(filled(() => '<a/>')),
  '2,900 elements under 10 prefixes': () =>
    inValue(
      `<a${Array.from({ length: 10 }, (_, index) => ` xmlns:n${index}="urn:u"`).join('')}>${'<b/>'.repeat(2900)}</a>`,
    ),
  '2,900 elements with attributes': () => inValue('<b a="1" b="2"/>'.repeat(2900)),
  '2,900 elements with an Id': () => inValue(filled((index) => `<b Id="i${index}"/>`, 45_000)),
  '2,900 elements at the greatest depth': () =>
    inValue('<a>'.repeat(14) + '<b>t</b>'.repeat(2900) + '</a>'.repeat(14)),
  '2,900 elements with a namespace each': () => inValue('<b xmlns="urn:u"/>'.repeat(2900)),
  '10,000 prefixes on one element': () => inValue(`<a${filled((index) => ` xmlns:n${index}="urn:u"`)}/>`),
  '20,000 attributes on one element': () => inValue(`<a${filled((index) => ` a${index}=""`)}/>`),
  'prefixes at every depth': () =>
    inValue(filled((index) => `<a${filled((each) => ` xmlns:n${index}x${each}="urn:u"`, 400)}>`, 8000)),
  'a tag of 180 KB that never ends': () => inValue(`<${'a'.repeat(180_000)}`),
  '60,000 equals signs and blanks': () => inValue(`<a ${'=  '.repeat(60_000)}`),
  '45,000 comments that never end': () => inValue('<!--'.repeat(45_000)),
  'a name of 180 KB': () => inValue(`<a b="${'x'.repeat(180_000)}`),
};

test.each(Object.entries(bombs))('%s: refused in less than 50 ms', (_, make) => {
  const field = encode(make());
  expect(field.length).toBeLessThan(256 * 1024);

  const { code } = failureOf(() => accept(field));

  expect(code).not.toBe('accepted');
  expect(quickestMs(() => failureOf(() => accept(field)))).toBeLessThan(mostMs);
});

test('a response that is as large as may be, with 1,000 groups, is accepted within that time', () => {
  const groups = Array.from({ length: 1000 }, (_, index) => `group-${index}`);
  const field = aResponse({}, { nameId: 'ada@acme.example', attributes: { groups } });

  expect(accept(field).attributes.get('groups')).toHaveLength(1000);
  expect(quickestMs(() => accept(field))).toBeLessThan(mostMs);
});
