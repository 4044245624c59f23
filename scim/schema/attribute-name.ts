import { type Notes, addNote } from '../resource/normalization-rules.ts';
import {
  type Attribute,
  type AttributeDefinition,
  type ResourceType,
  type SchemaDefinition,
  findSubAttribute,
} from './schema.ts';

/** An attribute, or one part of a complex one. */
export type AttributeTarget = { readonly attribute: Attribute; readonly sub: AttributeDefinition | null };

/** The schema of this type that the URN names, in any case and in any spelling that is known. */
export function findSchema(type: ResourceType, urn: string, notes: Notes): SchemaDefinition | undefined {
  const wanted = urn.toLowerCase();
  const schemas = [type.schema, ...type.extensions];
  const exact = schemas.find(({ id }) => id.toLowerCase() === wanted);
  if (exact) return exact;
  const meant = schemas.find((schema) => schema.misspellings.some((one) => one.toLowerCase() === wanted));
  if (meant) addNote(notes, 'misspelt-urn', urn);
  return meant;
}

/**
 * The attribute that `[URN ":"] name ["." part]` names (RFC 7644 §3.10), undefined if there is none.
 * The URN ends at the last colon, since its version holds a dot. Names are compared without case.
 */
export function resolveAttribute(
  type: ResourceType,
  text: string,
  notes: Notes,
): AttributeTarget | undefined {
  const colon = text.lastIndexOf(':');
  const [name = '', part, ...others] = text.slice(colon + 1).split('.');
  const schema = colon < 0 ? null : findSchema(type, text.slice(0, colon), notes);
  if (schema === undefined || others.length > 0) return undefined;
  const attribute = findAttribute(type, name, schema);
  if (!attribute) return undefined;
  const sub = part === undefined ? null : findSubAttribute(attribute.definition, part);
  if (sub === undefined) return undefined;
  if (name !== attribute.definition.name || (sub && part !== sub.name)) {
    addNote(notes, 'attribute-name-case', text);
  }
  if (!schema && attribute.schema !== type.schema) addNote(notes, 'bare-extension-attribute', name);
  return { attribute, sub };
}

/** Core attributes come first, so a bare name means an extension's only where the core has none. */
function findAttribute({ attributes }: ResourceType, name: string, schema: SchemaDefinition | null) {
  const wanted = name.toLowerCase();
  return attributes.find(
    (one) => (!schema || one.schema === schema) && one.definition.name.toLowerCase() === wanted,
  );
}
