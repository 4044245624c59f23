import { expect, test } from 'vitest';
import type { Filter, TypedValue } from '../../../src/domain/filter.ts';
import { parseFilter } from '../../../scim/filter/filter.ts';
import { userType } from '../../../scim/schema/resource-types.ts';
import { enterpriseUrn, userUrn } from '../people.ts';

const parse = (text: string) => parseFilter(userType, text);
const text = (value: string, caseExact = false): TypedValue => ({ type: 'string', value, caseExact });

function equals(attribute: string, subAttribute: string | null, value: TypedValue): Filter {
  return { kind: 'comparison', path: { attribute, subAttribute }, operator: 'eq', value };
}

test.each<[string, Filter]>([
  ['userName eq "bob"', equals('userName', null, text('bob'))],
  ['USERNAME EQ "bob"', equals('userName', null, text('bob'))],
  [`${userUrn}:userName eq "bob"`, equals('userName', null, text('bob'))],
  ['externalId eq "ABC"', equals('externalId', null, text('ABC', true))],
  ['externalId eq jyoung', equals('externalId', null, text('jyoung', true))],
  ['externalId eq 12345678901234567890', equals('externalId', null, text('12345678901234567890', true))],
  ['active eq true', equals('active', null, { type: 'boolean', value: true })],
  ['active eq "True"', equals('active', null, { type: 'boolean', value: true })],
  ['active eq False', equals('active', null, { type: 'boolean', value: false })],
  ['title eq null', equals('title', null, { type: 'null' })],
  ['title eq "null"', equals('title', null, text('null'))],
  ['emails eq "a@x"', equals('emails', 'value', text('a@x'))],
  ['emails.value eq "a@x"', equals('emails', 'value', text('a@x'))],
  ['manager eq "m"', equals('enterprise.manager', 'value', text('m', true))],
  [`${enterpriseUrn}:manager.value eq "m"`, equals('enterprise.manager', 'value', text('m', true))],
  ['manager.$ref eq "m"', equals('enterprise.manager', '$ref', text('m', true))],
  ['title eq "a\\\\b"', equals('title', null, text('a\\b'))],
  ['title eq "a\\nb\\u0041\\/"', equals('title', null, text('a\nbA/'))],
  ['title eq "a\\\\"', equals('title', null, text('a\\'))],
  ['title eq "say \\"(x) and y]\\""', equals('title', null, text('say "(x) and y]"'))],
  [
    'meta.lastModified ge "2024-01-01T00:00:00+01:00"',
    {
      kind: 'comparison',
      path: { attribute: 'meta', subAttribute: 'lastModified' },
      operator: 'ge',
      value: { type: 'dateTime', value: new Date('2023-12-31T23:00:00Z') },
    },
  ],
  ['title pr', { kind: 'present', path: { attribute: 'title', subAttribute: null } }],
])('%s is understood', (filter, meant) => {
  expect(parse(filter)).toEqual(meant);
});

test('a part behind a value path belongs to the same element', () => {
  const correlated = parse('emails[type eq "work"].value eq "a@x" and active eq true');

  expect(correlated).toEqual({
    kind: 'and',
    operands: [
      {
        kind: 'element',
        attribute: 'emails',
        filter: {
          kind: 'and',
          operands: [equals('emails', 'type', text('work')), equals('emails', 'value', text('a@x'))],
        },
      },
      equals('active', null, { type: 'boolean', value: true }),
    ],
  });
});

test('an "or" in the brackets does not reach the part behind them', () => {
  const { filter } = parse('emails[type eq "a" or type eq "b"].value pr') as Filter & { kind: 'element' };

  expect(filter).toEqual({
    kind: 'and',
    operands: [
      { kind: 'or', operands: [equals('emails', 'type', text('a')), equals('emails', 'type', text('b'))] },
      { kind: 'present', path: { attribute: 'emails', subAttribute: 'value' } },
    ],
  });
});

test.each([
  '',
  '   ',
  'userName',
  'userName eq',
  'userName eq "a',
  "userName eq 'a'",
  '(userName pr',
  'userName pr)',
  '()',
  'userName pr and',
  'userName pr title pr',
  'userName eq "a" "b"',
  'not eq 1',
  'pr pr',
  'eq eq 1',
  'and eq 1',
  'a0 eq "0"',
  'shoeSize eq "44"',
  'name.shoeSize eq "44"',
  'userName.value eq "a"',
  'emails.value.x eq "a"',
  'userName. eq "a"',
  'urn:x:userName eq "a"',
  'password eq "secret"',
  'password pr',
  'name eq "Bob"',
  'addresses eq "Berlin"',
  'active gt true',
  'active co "t"',
  'active eq "yes"',
  'active eq 1',
  'title gt null',
  'x509Certificates.value lt "a"',
  'meta.created eq "yesterday"',
  'meta.created co "2024"',
  'title eq "a\\u0000b"',
  'title eq "\\ud800"',
  'title eq "\\x"',
  'emails[type[x eq 1]]',
  'emails[userName eq "a"]',
  'emails[emails.type eq "a"]',
  'emails[type eq "a"].value',
  'emails[type eq "a"].value and title pr',
  'emails[type eq "a"].shoe eq "1"',
  'name[givenName eq "a"]',
  'emails.value[type eq "a"]',
  'emails[]',
])('%j is no filter', (filter) => {
  expect(() => parse(filter)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter' }));
});

test('a refusal never repeats what was sent', () => {
  for (const filter of [
    'marker eq "a"',
    'userName marker "a"',
    'userName eq "marker',
    'active eq "marker"',
  ]) {
    expect(() => parse(filter)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('marker') }),
    );
  }
});

const nested = (depth: number) => `${'('.repeat(depth)}title pr${')'.repeat(depth)}`;
const joined = (terms: number) => Array(terms).fill('title pr').join(' and ');
const long = (length: number) => `title eq "${'x'.repeat(length - 11)}"`;

test('the limits hold on both sides of their edge', () => {
  const refused = expect.objectContaining({ scimType: 'invalidFilter' });

  expect(parse(nested(16)).kind).toBe('present');
  expect(() => parse(nested(17))).toThrow(refused);
  expect(parse(joined(50)).kind).toBe('and');
  expect(() => parse(joined(51))).toThrow(refused);
  expect(parse(long(4096)).kind).toBe('comparison');
  expect(() => parse(long(4097))).toThrow(refused);
  expect(() => parse(`${'not '.repeat(51)}title pr`)).toThrow(refused);
});

test('5,000 brackets are refused at once', () => {
  const started = performance.now();

  expect(() => parse('('.repeat(5_000))).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));

  expect(performance.now() - started).toBeLessThan(50);
});

test('"and" binds closer than "or", and "not" closest', () => {
  const title: Filter = { kind: 'present', path: { attribute: 'title', subAttribute: null } };
  const nick: Filter = { kind: 'present', path: { attribute: 'nickName', subAttribute: null } };
  const locale: Filter = { kind: 'present', path: { attribute: 'locale', subAttribute: null } };

  expect(parse('title pr or nickName pr and locale pr')).toEqual({
    kind: 'or',
    operands: [title, { kind: 'and', operands: [nick, locale] }],
  });
  expect(parse('not (title pr) and nickName pr or locale pr')).toEqual({
    kind: 'or',
    operands: [{ kind: 'and', operands: [{ kind: 'not', operand: title }, nick] }, locale],
  });
});
