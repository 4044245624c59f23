import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Filter, TypedValue } from '../../../src/domain/filter.ts';
import { parseFilter } from '../../../scim/filter/filter.ts';
import { userType } from '../../../scim/schema/resource-types.ts';

const parse = (text: string) => parseFilter(userType, text);
const text = (value: string): TypedValue => ({ type: 'string', value, caseExact: false });

function equals(attribute: string, subAttribute: string | null, value: TypedValue): Filter {
  return { kind: 'comparison', path: { attribute, subAttribute }, operator: 'eq', value };
}

const leaf = fc.oneof(
  fc
    .string({ unit: 'grapheme' })
    .map((value): Filter => equals('title', null, text(value.replaceAll('\0', '')))),
  fc.boolean().map((value): Filter => equals('active', null, { type: 'boolean', value })),
  fc.constant<Filter>({ kind: 'present', path: { attribute: 'nickName', subAttribute: null } }),
);
const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('tree').map((operand): Filter => ({ kind: 'not', operand })),
    fc
      .record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      })
      .map((both): Filter => both),
  ),
}));

function print(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.operands.map((one) => `(${print(one)})`).join(` ${filter.kind} `);
    case 'not':
      return `not (${print(filter.operand)})`;
    case 'present':
      return `${filter.path.attribute} pr`;
    case 'comparison':
      return `${filter.path.attribute} ${filter.operator} ${JSON.stringify('value' in filter.value ? filter.value.value : null)}`;
    default:
      return '';
  }
}

test('what is printed with brackets is read back as it was', () => {
  fc.assert(
    fc.property(tree, (filter) => {
      const printed = print(filter);
      fc.pre(printed.length < 4000 && (printed.match(/ eq | pr|not /g)?.length ?? 0) < 40);

      expect(parse(printed)).toEqual(filter);
    }),
    { numRuns: 300 },
  );
});

test('any text is either a filter or a 400 invalidFilter', () => {
  const words = fc.constantFrom(
    'userName',
    'emails',
    'eq',
    'pr',
    'and',
    'or',
    'not',
    '(',
    ')',
    '[',
    ']',
    '"a"',
    '.value',
    'true',
    '"',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }), (parts) => {
      try {
        parse(parts.join(' '));
      } catch (error) {
        expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
      }
    }),
    { numRuns: 2000 },
  );
});
