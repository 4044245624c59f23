import type { Comparison, Filter, UserCondition } from '../../src/domain/filter.ts';
import { badRequest } from '../errors.ts';

const supported =
  'users are found by "eq" comparisons, joined by "and", of id, userName, externalId, displayName, active, ' +
  'emails, emails.value and emails[type eq "…"].value, and of manager beside an id';

/** The most conditions at once; more than the attributes there are cannot be meant. */
const maxConditions = 10;

/**
 * Narrows a filter to what users can be looked up by, whatever the form in which it was written. What goes
 * beyond is 400 invalidFilter and says what is supported: a filter is never served in part.
 */
export function readUserConditions(filter: Filter): UserCondition[] {
  const conditions = listOperands(filter).map(readCondition);
  const pinned = conditions.some(({ attribute }) => attribute === 'id');
  const asksManager = conditions.some(({ attribute }) => attribute === 'manager');
  if (conditions.length > maxConditions || (asksManager && !pinned))
    throw badRequest('invalidFilter', supported);
  return conditions;
}

function listOperands(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.operands.flatMap(listOperands) : [filter];
}

function readCondition(filter: Filter): UserCondition {
  if (filter.kind === 'element' && filter.attribute === 'emails') return readEmailElement(filter.filter);
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') throw badRequest('invalidFilter', supported);
  const { path, value } = filter;
  if (value.type === 'boolean' && path.attribute === 'active') {
    return { attribute: 'active', value: value.value };
  }
  if (value.type !== 'string') throw badRequest('invalidFilter', supported);
  switch (path.attribute) {
    case 'id':
    case 'userName':
    case 'externalId':
    case 'displayName':
      return { attribute: path.attribute, value: value.value };
    case 'enterprise.manager':
      if (path.subAttribute === 'value') return { attribute: 'manager', value: value.value };
      break;
    case 'emails':
      if (path.subAttribute === 'value') return { attribute: 'emails', type: null, value: value.value };
      break;
  }
  throw badRequest('invalidFilter', supported);
}

/** `value eq "…"` of one e-mail, and perhaps its `type eq "…"`, in either order. */
function readEmailElement(inner: Filter): UserCondition {
  const comparisons = listOperands(inner);
  const value = comparisons.map((one) => readPart(one, 'value')).filter((one) => one !== null);
  const type = comparisons.map((one) => readPart(one, 'type')).filter((one) => one !== null);
  const [onlyValue] = value;
  if (onlyValue === undefined || value.length > 1 || type.length > 1) {
    throw badRequest('invalidFilter', supported);
  }
  if (value.length + type.length < comparisons.length) throw badRequest('invalidFilter', supported);
  return { attribute: 'emails', type: type[0] ?? null, value: onlyValue };
}

function readPart(filter: Filter, part: Comparison['path']['subAttribute']): string | null {
  if (filter.kind !== 'comparison' || filter.operator !== 'eq' || filter.value.type !== 'string') return null;
  return filter.path.subAttribute === part ? filter.value.value : null;
}
