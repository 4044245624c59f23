import { readField } from '../request-body.ts';
import { findSchema } from '../schema/attribute-name.ts';
import type { ResourceType } from '../schema/schema.ts';
import { addNote, type Notes } from './normalization-rules.ts';

/** Notes which of the schemas that a body names are spelt otherwise or not known: they are not needed to read it. */
export function noteSchemas(body: object, type: ResourceType, notes: Notes): void {
  const named: unknown = readField(body, 'schemas');
  if (!Array.isArray(named)) return;
  for (const urn of named) {
    if (typeof urn === 'string' && !findSchema(type, urn, notes))
      addNote(notes, 'unknown-schema-ignored', urn);
  }
}
