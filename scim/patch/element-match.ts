import type { Comparison, ComparisonOperator, Filter } from '../../src/domain/filter.ts';
import { foldCase } from '../../src/domain/user-attributes.ts';
import type { ComplexValue, Scalar } from '../resource/resource-document.ts';

type Sides = { actual: string | number; wanted: string | number };

const holds: Record<ComparisonOperator, (sides: Sides) => boolean> = {
  eq: ({ actual, wanted }) => actual === wanted,
  ne: ({ actual, wanted }) => actual !== wanted,
  gt: ({ actual, wanted }) => actual > wanted,
  ge: ({ actual, wanted }) => actual >= wanted,
  lt: ({ actual, wanted }) => actual < wanted,
  le: ({ actual, wanted }) => actual <= wanted,
  co: ({ actual, wanted }) => String(actual).includes(String(wanted)),
  sw: ({ actual, wanted }) => String(actual).startsWith(String(wanted)),
  ew: ({ actual, wanted }) => String(actual).endsWith(String(wanted)),
};

/** Whether one element of a list satisfies the filter of a value path (RFC 7644 §3.5.2). */
export function matchesElement(filter: Filter, element: ComplexValue): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.operands.every((operand) => matchesElement(operand, element));
    case 'or':
      return filter.operands.some((operand) => matchesElement(operand, element));
    case 'not':
      return !matchesElement(filter.operand, element);
    case 'present':
      return element[filter.path.subAttribute ?? 'value'] !== undefined;
    case 'comparison':
      return compares(filter, element[filter.path.subAttribute ?? 'value']);
    default:
      return false; // The grammar has no element within an element.
  }
}

/** What is absent equals null and nothing else, but a boolean: absent `primary` is false (RFC 7643 §2.4). */
function compares({ operator, value }: Comparison, actual: Scalar | undefined): boolean {
  if (value.type === 'null') return (actual === undefined) === (operator === 'eq');
  if (value.type === 'boolean') return ((actual ?? false) === value.value) === (operator === 'eq');
  if (actual === undefined || typeof actual === 'boolean') return operator === 'ne';
  if (value.type === 'number') return holds[operator]({ actual, wanted: value.value });
  if (value.type === 'dateTime') {
    return holds[operator]({ actual: new Date(actual).getTime(), wanted: value.value.getTime() });
  }
  const fold = value.caseExact ? String : foldCase;
  return holds[operator]({ actual: fold(String(actual)), wanted: fold(value.value) });
}

/**
 * The element that a filter describes, so that it can be made where none matches: `eq` comparisons of `type`
 * and `primary`, joined by `and`. Null for any other filter; a value is never invented from a filter.
 */
export function readStamp(filter: Filter): ComplexValue | null {
  if (filter.kind === 'and') {
    let stamp: ComplexValue | null = {};
    for (const operand of filter.operands) stamp = stamp && mergeStamps(stamp, readStamp(operand));
    return stamp;
  }
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') return null;
  const { path, value } = filter;
  if (path.subAttribute === 'type' && value.type === 'string') return { type: value.value };
  if (path.subAttribute === 'primary' && value.type === 'boolean') return { primary: value.value };
  return null;
}

function mergeStamps(one: ComplexValue, other: ComplexValue | null): ComplexValue | null {
  if (!other || Object.keys(other).some((part) => part in one && one[part] !== other[part])) return null;
  return { ...one, ...other };
}
