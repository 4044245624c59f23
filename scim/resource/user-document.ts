import { type UserAttributes, userAttributes } from '../../src/domain/user-attributes.ts';
import { badRequest } from '../errors.ts';
import { type Notes, addNote } from './normalization-rules.ts';
import { type Attribute, type AttributeDefinition, findSubAttribute } from '../schema/schema.ts';
import {
  type AttributeValue,
  type ComplexValue,
  type ResourceDocument,
  type Scalar,
  isElements,
  saysSomething,
} from './resource-document.ts';
import { userType } from '../schema/resource-types.ts';

const stored = userType.attributes.filter(
  ({ key, definition }) => definition.mutability === 'readWrite' && !['schemas', 'id', 'meta'].includes(key),
);

/** What is set of a user, as a document; the inverse of `toUserAttributes`. */
export function toDocument(user: UserAttributes): ResourceDocument {
  const { enterprise, ...core } = user;
  const values = new Map<string, unknown>(Object.entries(core));
  for (const [name, value] of Object.entries(enterprise)) values.set(`enterprise.${name}`, value);
  const document: ResourceDocument = new Map();
  for (const { key, definition } of stored) {
    const value = readStored(definition, values.get(key));
    if (value !== null) document.set(key, value);
  }
  return document;
}

function readStored(definition: AttributeDefinition, value: unknown): AttributeValue | null {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    const elements = value.map((one) => readStoredParts(definition, one));
    return elements.length > 0 ? elements : null;
  }
  const parts = readStoredParts(definition, value);
  return Object.keys(parts).length > 0 ? parts : null;
}

function readStoredParts(definition: AttributeDefinition, value: unknown): ComplexValue {
  if (typeof value !== 'object' || value === null) return {};
  const parts: Record<string, Scalar> = {};
  for (const [name, part] of Object.entries(value)) {
    const sub = findSubAttribute(definition, name);
    if (sub && (typeof part === 'string' || typeof part === 'boolean')) parts[sub.name] = part;
  }
  return parts;
}

/**
 * The user that a document describes, or 400 invalidValue that names the attribute at fault: no userName,
 * no `active`, two primary values, a text that is too long. Elements that carry no value are dropped.
 */
export function toUserAttributes(document: ResourceDocument, notes: Notes): UserAttributes {
  const core: Record<string, unknown> = {};
  const enterprise: Record<string, unknown> = {};
  for (const attribute of stored) {
    const value = document.get(attribute.key);
    const kept = isElements(value) ? dropEmptyElements(attribute, value, notes) : value;
    if (kept === undefined) continue;
    (attribute.schema.property === null ? core : enterprise)[attribute.definition.name] = kept;
  }
  const parsed = userAttributes.safeParse({ ...core, enterprise });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.path.join('.') ?? 'the user';
  const isMissing = issue?.path.length === 1 && !document.has(name);
  throw badRequest(
    'invalidValue',
    isMissing ? `${name} is required` : `${name}: ${issue?.message.toLowerCase()}`,
  );
}

function dropEmptyElements({ key, definition }: Attribute, elements: readonly ComplexValue[], notes: Notes) {
  const kept = elements.filter((one) => saysSomething(one, definition));
  if (kept.length < elements.length) addNote(notes, 'valueless-element-dropped', key);
  return kept;
}
