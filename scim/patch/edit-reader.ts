import { type AttributeTarget, findSchema, resolveAttribute } from '../schema/attribute-name.ts';
import { badRequest } from '../errors.ts';
import { type Notes, addNote } from '../resource/normalization-rules.ts';
import { type PatchPath, parsePath } from './path.ts';
import type { Edit } from '../resource/resource-document.ts';
import { type ResourceType, type SchemaDefinition, findSubAttribute } from '../schema/schema.ts';

/** What the edits of one request are read against. */
export type EditContext = { type: ResourceType; notes: Notes };

/**
 * The edits that a path and a value ask for. A read-only attribute is 400 mutability here, since it was
 * asked for by name.
 */
export function readPathEdits(
  { op, path, value }: { op: Edit['op']; path: string; value: unknown },
  context: EditContext,
): Edit[] {
  const target = parsePath(context.type, path, context.notes);
  if (target.kind === 'attribute') {
    const { key, definition } = target.attribute;
    if (isReadOnly(target)) throw badRequest('mutability', `${key} is read-only`);
    // RFC 7644 §3.5.2.2.
    if (op === 'remove' && definition.required) throw badRequest('mutability', `${key} is required`);
  }
  return expandTarget(target, { op, value }, context);
}

/**
 * The edits that a value without a path asks for, one for each name in it. Names may be dotted, prefixed
 * with a URN or nested under one. Read-only attributes are left out, as Okta sends `id`; unknown ones too,
 * and are noted.
 */
export function readObjectEdits(
  { op, value }: { op: Edit['op']; value: unknown },
  context: EditContext,
  within: SchemaDefinition | null = null,
): Edit[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('invalidValue', 'a value without a path must be an object');
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const target = readKey(key, context, within);
    if (!target || (target.kind === 'attribute' && isReadOnly(target))) return [];
    return expandTarget(target, { op, value: inner }, context);
  });
}

function readKey(
  key: string,
  { type, notes }: EditContext,
  within: SchemaDefinition | null,
): PatchPath | undefined {
  const schema = within ? undefined : findSchema(type, key, notes);
  if (schema) return { kind: 'extension', schema };
  const name = within && !key.includes(':') ? `${within.id}:${key}` : key;
  if (name.includes('[')) return parsePath(type, name, notes);
  const target = resolveAttribute(type, name, notes);
  if (!target) {
    addNote(notes, 'unknown-attribute-ignored', key);
    return undefined;
  }
  if (key.includes(':')) addNote(notes, 'urn-prefixed-key', key);
  if (target.sub) addNote(notes, 'dotted-key', key);
  return { kind: 'attribute', filter: null, ...target };
}

/** A part that is immutable comes and goes with its element or reference. */
function isReadOnly({ attribute, sub }: AttributeTarget): boolean {
  const part = sub?.mutability;
  return attribute.definition.mutability === 'readOnly' || part === 'readOnly' || part === 'immutable';
}

type Request = { op: Edit['op']; value: unknown };

/** The edits of what a path or a name points at. A password is accepted and goes nowhere. */
function expandTarget(target: PatchPath, { op, value }: Request, context: EditContext): Edit[] {
  const isCleared = op === 'remove' || value === null || value === '';
  if (target.kind === 'extension') {
    return isCleared
      ? clearExtension(target.schema, context)
      : readObjectEdits({ op, value }, context, target.schema);
  }
  const { definition, key } = target.attribute;
  if (definition.mutability === 'writeOnly') {
    addNote(context.notes, 'password-ignored', key);
    return [];
  }
  const isSingle = definition.type === 'complex' && !definition.multiValued && !target.sub;
  const isReference = findSubAttribute(definition, 'value') !== undefined;
  return isSingle && !isReference && !isCleared
    ? readPartEdits(target, { op, value }, context)
    : [{ ...target, op, value }];
}

function clearExtension(schema: SchemaDefinition, { type }: EditContext): Edit[] {
  const own = type.extensions.includes(schema) ? type.attributes.filter((one) => one.schema === schema) : [];
  return own.map((attribute) => ({ op: 'remove', attribute, sub: null, filter: null, value: null }));
}

/** A complex attribute such as `name` is edited part by part: what is not named stays (RFC 7644 §3.5.2.3). */
function readPartEdits(
  { attribute }: AttributeTarget,
  { op, value }: Request,
  { notes }: EditContext,
): Edit[] {
  const { definition, key } = attribute;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('invalidValue', `${key} must be an object`);
  }
  return Object.entries<unknown>({ ...value }).flatMap(([name, part]) => {
    const sub = findSubAttribute(definition, name);
    if (!sub) addNote(notes, 'unknown-attribute-ignored', `${key}.${name}`);
    else if (sub.name !== name) addNote(notes, 'attribute-name-case', `${key}.${name}`);
    return sub ? [{ op, attribute, sub, filter: null, value: part }] : [];
  });
}
