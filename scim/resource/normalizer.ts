import { maxElements } from '../../src/domain/user-attributes.ts';
import { badRequest } from '../errors.ts';
import { type Notes, addNote } from './normalization-rules.ts';
import { type AttributeDefinition, findSubAttribute } from '../schema/schema.ts';
import type { AttributeValue, ComplexValue, Scalar } from './resource-document.ts';

/** The attribute a value is for: its name as errors and notes say it, and what the schema says of it. */
export type Expected = { name: string; definition: AttributeDefinition };

/**
 * Gives what a client sent the form that the schema asks for. Null means: not set. A value that no rule
 * covers is 400 invalidValue with the name of its attribute. Each rule that was needed is noted.
 */
export function normalizeValue(raw: unknown, expected: Expected, notes: Notes): AttributeValue | null {
  const { type, multiValued } = expected.definition;
  if (type !== 'complex') return normalizeScalar(raw, expected, notes);
  if (multiValued) return normalizeElements(raw, expected, notes);
  return normalizeReference(raw, expected, notes);
}

/** The value of a simple attribute, or of a part of a complex one. A boolean is never "". */
export function normalizeScalar(raw: unknown, { name, definition }: Expected, notes: Notes): Scalar | null {
  if (raw === null || raw === undefined) {
    addNote(notes, 'null-as-absent', name);
    return null;
  }
  if (definition.type === 'boolean') return normalizeBoolean(raw, name, notes);
  if (definition.type === 'integer' || definition.type === 'decimal') {
    if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
    throw badRequest('invalidValue', `${name} must be a number`);
  }
  if (typeof raw !== 'string') throw badRequest('invalidValue', `${name} must be a string`);
  if (definition.type === 'binary' && !/^[\w+/\-\s]*={0,2}\s*$/.test(raw)) {
    throw badRequest('invalidValue', `${name} must be base64`);
  }
  return isUnset(raw, name, notes) ? null : raw;
}

function normalizeBoolean(raw: unknown, name: string, notes: Notes): boolean {
  if (typeof raw === 'boolean') return raw;
  const text = typeof raw === 'string' ? raw.toLowerCase() : '';
  if (text !== 'true' && text !== 'false') throw badRequest('invalidValue', `${name} must be true or false`);
  addNote(notes, 'boolean-as-string', name);
  return text === 'true';
}

/** The elements of a list, or null for a list that holds nothing. */
export function normalizeElements(raw: unknown, expected: Expected, notes: Notes): ComplexValue[] | null {
  const { name } = expected;
  if (isUnset(raw, name, notes)) return null;
  if (!Array.isArray(raw)) addNote(notes, 'list-as-single-value', name);
  const all: unknown[] = Array.isArray(raw) ? raw : [raw];
  if (all.length > maxElements)
    throw badRequest('invalidValue', `${name} has more than ${maxElements} values`);
  const elements = all
    .map((one) => normalizeElement(one, expected, notes))
    .filter((element) => element !== null);
  return elements.length > 0 ? elements : null;
}

/** One element of a list, or one reference: an object, or the bare value. */
export function normalizeElement(raw: unknown, expected: Expected, notes: Notes): ComplexValue | null {
  const { name, definition } = expected;
  if (isUnset(raw, name, notes)) return null;
  const value = findSubAttribute(definition, 'value');
  if (typeof raw === 'string' && value) {
    addNote(notes, 'complex-as-string', name);
    return { [value.name]: raw };
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw badRequest(
      'invalidValue',
      `${name} must be ${definition.multiValued ? 'a list of objects' : 'an object'}`,
    );
  }
  return normalizeParts(raw, expected, notes);
}

/** A complex attribute with one value: the manager, which Entra sends as a string, an object or a list of one. */
function normalizeReference(raw: unknown, expected: Expected, notes: Notes): ComplexValue | null {
  const { name } = expected;
  if (Array.isArray(raw)) {
    addNote(notes, 'complex-as-list', name);
    if (raw.length > 1) throw badRequest('invalidValue', `${name} has one value only`);
  }
  const only: unknown = Array.isArray(raw) ? raw[0] : raw;
  const parts = normalizeElement(only, expected, notes);
  if (parts === null || 'value' in parts) return parts;
  const said = Object.entries(only ?? {}).filter(([, part]) => part !== null && part !== '');
  const saysValue = Object.keys(only ?? {}).some((key) => key.toLowerCase() === 'value');
  if (said.length > 0 && !saysValue) throw badRequest('invalidValue', `${name} must have a value`);
  return null;
}

function normalizeParts(raw: object, { name, definition }: Expected, notes: Notes): ComplexValue {
  const parts: Record<string, Scalar> = {};
  for (const [key, part] of Object.entries(raw)) {
    const sub = findSubAttribute(definition, key);
    if (!sub) addNote(notes, 'unknown-attribute-ignored', `${name}.${key}`);
    if (sub?.name === '$ref' && part === null) addNote(notes, 'null-reference', `${name}.$ref`);
    // A reference is told again from its `value`.
    if (!sub || sub.mutability === 'readOnly' || sub.name === '$ref') continue;
    if (sub.name !== key) addNote(notes, 'attribute-name-case', `${name}.${key}`);
    const normal = normalizeScalar(part, { name: `${name}.${sub.name}`, definition: sub }, notes);
    if (normal !== null) parts[sub.name] = normal;
  }
  return parts;
}

function isUnset(raw: unknown, name: string, notes: Notes): boolean {
  if (raw === '') addNote(notes, 'empty-string-as-absent', name);
  if (raw === null || raw === undefined) addNote(notes, 'null-as-absent', name);
  return raw === '' || raw === null || raw === undefined;
}
