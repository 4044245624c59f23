import type { Filter, GroupCondition } from '../../src/domain/filter.ts';
import { badRequest } from '../errors.ts';

const supported = 'groups are found by "eq" comparisons, joined by "and", of id, externalId and displayName';

/** Narrows a filter to what groups can be looked up by; what goes beyond is 400 invalidFilter. */
export function readGroupConditions(filter: Filter): GroupCondition[] {
  if (filter.kind === 'and') return filter.operands.flatMap(readGroupConditions);
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') throw badRequest('invalidFilter', supported);
  const { path, value } = filter;
  const { attribute } = path;
  const isServed = attribute === 'id' || attribute === 'externalId' || attribute === 'displayName';
  if (!isServed || value.type !== 'string') throw badRequest('invalidFilter', supported);
  return [{ attribute, value: value.value }];
}
