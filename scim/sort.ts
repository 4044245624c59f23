import type { Sort } from '../src/domain/filter.ts';
import { badRequest } from './errors.ts';
import type { Notes } from './resource/normalization-rules.ts';
import { resolveAttribute } from './schema/attribute-name.ts';
import { findSubAttribute, type ResourceType } from './schema/schema.ts';

/**
 * Reads `sortBy` and `sortOrder` (RFC 7644 §3.4.2.3), null where nothing is sorted by. A complex attribute is sorted by
 * its `value`. 400 invalidValue for what is not known or has no order, and for an order that is none.
 */
export function readSort(type: ResourceType, query: URLSearchParams, notes: Notes): Sort | null {
  const descending = readOrder(query.get('sortOrder'));
  const name = query.get('sortBy')?.trim();
  if (!name) return null;
  const target = resolveAttribute(type, name, notes);
  if (!target) throw badRequest('invalidValue', 'sortBy names an attribute that the schema does not have');
  const { attribute } = target;
  const isComplex = attribute.definition.type === 'complex';
  const sub = target.sub ?? (isComplex ? findSubAttribute(attribute.definition, 'value') : null);
  const definition = sub ?? attribute.definition;
  if (sub === undefined || definition.returned === 'never' || definition.type === 'binary') {
    throw badRequest('invalidValue', `${attribute.key} cannot be sorted by`);
  }
  return {
    path: { attribute: attribute.key, subAttribute: sub?.name ?? null },
    caseExact: definition.caseExact,
    descending,
  };
}

function readOrder(text: string | null): boolean {
  const order = text?.trim().toLowerCase() ?? 'ascending';
  if (order !== '' && order !== 'ascending' && order !== 'descending') {
    throw badRequest('invalidValue', 'sortOrder is ascending or descending');
  }
  return order === 'descending';
}
