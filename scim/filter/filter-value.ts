import type { ComparisonOperator, TypedValue } from '../../src/domain/filter.ts';
import { badRequest } from '../errors.ts';
import type { Literal } from './filter-tokens.ts';
import { type Notes, addNote } from '../resource/normalization-rules.ts';
import type { AttributeDefinition } from '../schema/schema.ts';

type Comparand = {
  name: string;
  definition: AttributeDefinition;
  operator: ComparisonOperator;
  notes: Notes;
};

const equality: readonly ComparisonOperator[] = ['eq', 'ne'];
const ordering: readonly ComparisonOperator[] = [...equality, 'gt', 'ge', 'lt', 'le'];
const every: readonly ComparisonOperator[] = [...ordering, 'co', 'sw', 'ew'];

/** RFC 7644 §3.4.2.2: "boolean and binary attributes SHALL cause a failed response" with gt, ge, lt, le. */
const legalOperators: Record<AttributeDefinition['type'], readonly ComparisonOperator[]> = {
  string: every,
  reference: every,
  boolean: equality,
  binary: equality,
  decimal: ordering,
  integer: ordering,
  dateTime: ordering,
  complex: [],
};

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i;
const dateTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

/** Gives a literal the type of the attribute that it is compared with, or says 400 invalidFilter. */
export function readLiteral(literal: Literal, comparand: Comparand): TypedValue {
  const { name, definition, operator, notes } = comparand;
  const isNull = !literal.quoted && literal.text === 'null';
  if (!legalOperators[definition.type].includes(operator) || (isNull && !equality.includes(operator))) {
    throw badRequest('invalidFilter', `${name} cannot be compared with ${operator}`);
  }
  if (isNull) return { type: 'null' };
  switch (definition.type) {
    case 'boolean':
      return { type: 'boolean', value: readBoolean(literal, comparand) };
    case 'integer':
    case 'decimal':
      return { type: 'number', value: readNumber(literal, comparand) };
    case 'dateTime':
      return { type: 'dateTime', value: readDateTime(literal, comparand) };
    default:
      if (!literal.quoted) addNote(notes, 'unquoted-filter-value', name);
      return { type: 'string', value: literal.text, caseExact: definition.caseExact };
  }
}

function readBoolean({ text, quoted }: Literal, { name, notes }: Comparand): boolean {
  const lower = text.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw badRequest('invalidFilter', `${name} is true or false`);
  if (quoted || lower !== text) addNote(notes, 'boolean-as-string', name);
  return lower === 'true';
}

/** A number that JavaScript would round or call infinite is refused, not changed. */
function readNumber({ text, quoted }: Literal, { name, definition }: Comparand): number {
  const value = Number(text);
  const exact = definition.type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (quoted || !jsonNumber.test(text) || !exact || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw badRequest('invalidFilter', `${name} is compared with a number`);
  }
  return value;
}

function readDateTime({ text, quoted }: Literal, { name, notes }: Comparand): Date {
  const value = new Date(text);
  if (!dateTime.test(text) || Number.isNaN(value.getTime())) {
    throw badRequest('invalidFilter', `${name} is compared with a date and time, as 2026-01-31T12:00:00Z`);
  }
  if (!quoted) addNote(notes, 'unquoted-filter-value', name);
  return value;
}
