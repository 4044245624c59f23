import type { ComparisonOperator, Filter, TypedValue } from '../../../src/domain/filter.ts';
import { foldCase } from '../../../src/domain/user-attributes.ts';
import { enterpriseUrn } from '../people.ts';

type Json = Record<string, unknown>;

/** Whether a filter holds of a resource as it is shown: RFC 7644 §3.4.2.2, word by word, without a database. */
export function holdsOf(filter: Filter, resource: Json): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.operands.every((one) => holdsOf(one, resource));
    case 'or':
      return filter.operands.some((one) => holdsOf(one, resource));
    case 'not':
      return !holdsOf(filter.operand, resource);
    case 'element':
      return elementsOf(resource, filter.attribute).some((one) => holdsOf(inElement(filter.filter), one));
    case 'present':
      return valuesOf(resource, filter.path.attribute, filter.path.subAttribute).some(isPresent);
    default: {
      const { path, operator, value } = filter;
      const values = valuesOf(resource, path.attribute, path.subAttribute);
      // An element that does not say so is not primary (RFC 7643 §2.4).
      const isFlag = path.attribute === 'primary' && value.type === 'boolean';
      // What has no value is null, and is not any value.
      if (values.length === 0 && !isFlag) return operator === (value.type === 'null' ? 'eq' : 'ne');
      return (isFlag && values.length === 0 ? [false] : values).some((one) => compares(one, operator, value));
    }
  }
}

function valueOf(resource: Json, attribute: string): unknown {
  const [first = '', second] = attribute.split('.');
  return second === undefined ? resource[first] : Object(resource[enterpriseUrn])[second];
}

function elementsOf(resource: Json, attribute: string): Json[] {
  const value = valueOf(resource, attribute);
  return Array.isArray(value) ? value : [];
}

function valuesOf(resource: Json, attribute: string, part: string | null): unknown[] {
  const value = valueOf(resource, attribute);
  const all: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return part === null ? all : all.map((one) => Object(one)[part]);
}

function isPresent(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  );
}

/** Inside brackets a part is an attribute of the element. */
function inElement(filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, operands: filter.operands.map(inElement) };
    case 'not':
      return { kind: 'not', operand: inElement(filter.operand) };
    case 'element':
      return filter;
    default:
      return { ...filter, path: { attribute: filter.path.subAttribute ?? 'value', subAttribute: null } };
  }
}

function compares(actual: unknown, operator: ComparisonOperator, wanted: TypedValue): boolean {
  if (operator === 'ne') return !compares(actual, 'eq', wanted);
  if (wanted.type === 'null') return !isPresent(actual);
  if (wanted.type === 'boolean') return (actual ?? false) === wanted.value;
  if (typeof actual !== 'string') return false;
  if (wanted.type === 'dateTime') return ordered(Date.parse(actual), operator, wanted.value.getTime());
  if (wanted.type === 'number') return false;
  const fold = wanted.caseExact ? String : foldCase;
  return comparesText(fold(actual), operator, fold(wanted.value));
}

function comparesText(actual: string, operator: ComparisonOperator, wanted: string): boolean {
  if (operator === 'co') return actual.includes(wanted);
  if (operator === 'sw') return actual.startsWith(wanted);
  if (operator === 'ew') return actual.endsWith(wanted);
  return ordered(Buffer.compare(Buffer.from(actual), Buffer.from(wanted)), operator, 0);
}

function ordered(actual: number, operator: ComparisonOperator, wanted: number): boolean {
  switch (operator) {
    case 'gt':
      return actual > wanted;
    case 'ge':
      return actual >= wanted;
    case 'lt':
      return actual < wanted;
    case 'le':
      return actual <= wanted;
    default:
      return actual === wanted;
  }
}
