import type { Filter } from '../../src/domain/filter.ts';
import { type AttributeTarget, findSchema, resolveAttribute } from '../schema/attribute-name.ts';
import { badRequest } from '../errors.ts';
import { parseElementFilter } from '../filter/filter.ts';
import { type Notes, addNote } from '../resource/normalization-rules.ts';
import { type ResourceType, type SchemaDefinition, findSubAttribute } from '../schema/schema.ts';

/** What a PATCH path points at: an attribute, part of it, the elements that a filter selects, or an extension. */
export type PatchPath =
  | ({ readonly kind: 'attribute'; readonly filter: Filter | null } & AttributeTarget)
  | { readonly kind: 'extension'; readonly schema: SchemaDefinition };

const maxLength = 4096;
const valuePath = /^([^[\]"]+)\[((?:[^"\\\]]|"(?:[^"\\]|\\.)*")*)\](?:\.([^.[\]\s"]+))?$/;

/**
 * Reads `attrPath`, `valuePath` or `valuePath.part` (RFC 7644 §3.5.2, figure 7). 400 invalidPath for what the
 * grammar or the schema does not know; 400 invalidFilter for a filter in brackets that is not one.
 */
export function parsePath(type: ResourceType, text: string, notes: Notes = new Set()): PatchPath {
  if (text.length > maxLength)
    throw badRequest('invalidPath', `the path is longer than ${maxLength} characters`);
  const schema = findSchema(type, text, notes);
  if (schema && schema !== type.schema) return { kind: 'extension', schema };
  if (!text.includes('[')) {
    const target = resolveAttribute(type, text, notes);
    if (!target) throw unknownPath();
    return { kind: 'attribute', filter: null, ...target };
  }
  const [, name, filter, part] = valuePath.exec(text) ?? [];
  const list = name === undefined ? undefined : resolveAttribute(type, name, notes);
  if (!list || list.sub || filter === undefined || !list.attribute.definition.multiValued)
    throw unknownPath();
  const { attribute } = list;
  const sub = part === undefined ? null : findSubAttribute(attribute.definition, part);
  if (sub === undefined) throw unknownPath();
  if (sub && sub.name !== part) addNote(notes, 'attribute-name-case', `${attribute.key}.${part}`);
  return { kind: 'attribute', attribute, filter: parseElementFilter(attribute, filter, notes), sub };
}

function unknownPath() {
  return badRequest('invalidPath', 'the path does not name an attribute of this resource');
}
