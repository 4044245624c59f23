import { resolveAttribute, findSchema } from '../schema/attribute-name.ts';
import { badRequest } from '../errors.ts';
import type { Attribute, ResourceType } from '../schema/schema.ts';

/** Which attributes to show: the named ones only, or all but the named ones. */
export type Projection = {
  readonly type: ResourceType;
  readonly mode: 'only' | 'except';
  /** Each attribute that was named, by key, with the parts that were, or null for all of it. */
  readonly parts: ReadonlyMap<string, ReadonlySet<string> | null>;
};

/**
 * Reads `attributes` and `excludedAttributes` (RFC 7644 §3.9), undefined if neither is given. A name that the
 * schema does not have selects nothing. 400 invalidValue if both are given, which the RFC excludes.
 */
export function readProjection(type: ResourceType, query: URLSearchParams): Projection | undefined {
  const only = query.get('attributes')?.trim();
  const except = query.get('excludedAttributes')?.trim();
  if (only && except) {
    throw badRequest('invalidValue', 'attributes and excludedAttributes cannot be given together');
  }
  if (only) return { type, mode: 'only', parts: readNames(type, only) };
  return except ? { type, mode: 'except', parts: readNames(type, except) } : undefined;
}

function readNames(type: ResourceType, list: string): Map<string, Set<string> | null> {
  const parts = new Map<string, Set<string> | null>();
  // Microsoft's collection asks for `emails[type eq "work"]`: an attribute is shown whole (RFC 7644 §3.10).
  for (const name of list.split(',').map((one) => one.replace(/\[.*$/, '').trim())) {
    const schema = findSchema(type, name, new Set());
    const whole = type.attributes.filter((one) => schema && one.schema === schema);
    for (const { key } of whole) parts.set(key, null);
    const target = resolveAttribute(type, name, new Set());
    if (!target) continue;
    const { key } = target.attribute;
    const known = parts.get(key);
    if (!target.sub) parts.set(key, null);
    else if (known !== null) parts.set(key, new Set([...(known ?? []), target.sub.name]));
  }
  return parts;
}

/** The resource with the attributes that were asked for; what is returned "always" stays in any case. */
export function projectResource(
  resource: Readonly<Record<string, unknown>>,
  projection: Projection,
): Record<string, unknown> {
  const { type } = projection;
  const shown: Record<string, unknown> = {};
  for (const attribute of type.attributes) {
    const { schema, definition } = attribute;
    const isCore = schema === type.schema;
    const source = isCore ? resource : asObject(resource[schema.id]);
    const value = projectAttribute(attribute, source[definition.name], projection);
    if (value === undefined) continue;
    if (isCore) shown[definition.name] = value;
    else shown[schema.id] = { ...asObject(shown[schema.id]), [definition.name]: value };
  }
  return shown;
}

function projectAttribute(
  { key, definition }: Attribute,
  value: unknown,
  { mode, parts }: Projection,
): unknown {
  const named = parts.get(key);
  if (value === undefined || definition.returned === 'always') return value;
  if (named === undefined) return mode === 'except' ? value : undefined;
  if (named === null) return mode === 'only' ? value : undefined;
  const isShown = (part: string) => named.has(part) === (mode === 'only');
  if (!Array.isArray(value)) return projectParts(value, isShown);
  const elements = value.map((one) => projectParts(one, isShown)).filter((one) => one !== undefined);
  return elements.length > 0 ? elements : undefined;
}

function projectParts(value: unknown, isShown: (part: string) => boolean): unknown {
  const shown = Object.entries(asObject(value)).filter(([part]) => isShown(part));
  return shown.length > 0 ? Object.fromEntries(shown) : undefined;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
