import { type Filter as Syntax, parse } from 'scim2-parse-filter';
import type { ComparisonOperator, Filter } from '../../src/domain/filter.ts';
import { type AttributeTarget, resolveAttribute } from '../schema/attribute-name.ts';
import { badRequest } from '../errors.ts';
import { readLiteral } from './filter-value.ts';
import { type FilterSkeleton, readSkeleton } from './filter-tokens.ts';
import type { Notes } from '../resource/normalization-rules.ts';
import { type Attribute, type ResourceType, findSubAttribute } from '../schema/schema.ts';

/** What a filter is read against: how a name is looked up, inside an element and outside. */
type Reading = {
  skeleton: FilterSkeleton;
  notes: Notes;
  lookUp: (name: string) => AttributeTarget | undefined;
};

/**
 * Reads a filter (RFC 7644 §3.4.2.2) into an expression that is checked against the schema: every attribute
 * is known, every operator fits its type. Anything else is 400 invalidFilter, and never echoes the input.
 */
export function parseFilter(type: ResourceType, text: string, notes: Notes = new Set()): Filter {
  const skeleton = readSkeleton(text);
  const lookUp = (name: string) => resolveAttribute(type, name, notes);
  return check(parseSkeleton(skeleton), { skeleton, notes, lookUp });
}

/** Reads the filter inside a value path, `type eq "work"` of `emails[type eq "work"]`. */
export function parseElementFilter(attribute: Attribute, text: string, notes: Notes = new Set()): Filter {
  const skeleton = readSkeleton(text);
  return check(parseSkeleton(skeleton), { skeleton, notes, lookUp: lookUpIn(attribute) });
}

/** Only the parser of scim2-parse-filter is used: its `filter` and `flatten` lose which element matched. */
function parseSkeleton({ text }: FilterSkeleton): Syntax {
  try {
    return parse(text);
  } catch {
    throw badRequest('invalidFilter', 'the filter does not follow the grammar of RFC 7644 section 3.4.2.2');
  }
}

function check(syntax: Syntax, reading: Reading): Filter {
  switch (syntax.op) {
    case 'and':
    case 'or':
      return { kind: syntax.op, operands: syntax.filters.map((one) => check(one, reading)) };
    case 'not':
      return { kind: 'not', operand: check(syntax.filter, reading) };
    case 'pr':
      return { kind: 'present', path: toPath(find(syntax.attrPath, reading)) };
    case '[]':
      return checkElement(syntax.attrPath, syntax.valFilter, reading);
    default:
      return checkComparison(syntax.op, syntax, reading);
  }
}

function checkElement(placeholder: string, inner: Syntax, reading: Reading): Filter {
  const { attribute, sub } = find(placeholder, reading);
  const { type, multiValued } = attribute.definition;
  if (sub || type !== 'complex' || !multiValued) {
    throw badRequest('invalidFilter', `${attribute.key} does not have elements that a filter could select`);
  }
  const filter = check(inner, { ...reading, lookUp: lookUpIn(attribute) });
  return { kind: 'element', attribute: attribute.key, filter };
}

function checkComparison(
  operator: ComparisonOperator,
  { attrPath, compValue }: { attrPath: string; compValue: unknown },
  reading: Reading,
): Filter {
  const target = toSimple(find(attrPath, reading));
  const definition = target.sub ?? target.attribute.definition;
  const literal = reading.skeleton.literals[Number(compValue)];
  if (!literal) throw badRequest('invalidFilter', 'a comparison in the filter has no value');
  const name = target.sub ? `${target.attribute.key}.${target.sub.name}` : target.attribute.key;
  const value = readLiteral(literal, { name, definition, operator, notes: reading.notes });
  return { kind: 'comparison', path: toPath(target), operator, value };
}

/** A complex attribute compares by its `value`, if it has one (RFC 7643 §2.4): `emails eq`, `manager eq`. */
function toSimple({ attribute, sub }: AttributeTarget): AttributeTarget {
  if (sub || attribute.definition.type !== 'complex') return { attribute, sub };
  const value = findSubAttribute(attribute.definition, 'value');
  if (!value) throw badRequest('invalidFilter', `name a part of ${attribute.key} to compare it`);
  return { attribute, sub: value };
}

function find(placeholder: string, { skeleton, lookUp }: Reading): AttributeTarget {
  const name = /^a\d+$/.test(placeholder) ? skeleton.names[Number(placeholder.slice(1))] : undefined;
  const target = name === undefined ? undefined : lookUp(name);
  if (!target)
    throw badRequest('invalidFilter', 'the filter names an attribute that the schema does not have');
  if ((target.sub ?? target.attribute.definition).returned === 'never') {
    throw badRequest('invalidFilter', `${target.attribute.key} cannot be filtered by`);
  }
  return target;
}

function lookUpIn(attribute: Attribute): Reading['lookUp'] {
  return (name) => {
    const sub = findSubAttribute(attribute.definition, name);
    return sub && { attribute, sub };
  };
}

function toPath({ attribute, sub }: AttributeTarget) {
  return { attribute: attribute.key, subAttribute: sub?.name ?? null };
}
