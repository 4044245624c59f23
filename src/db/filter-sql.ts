import type { AttributePath, Comparison, ComparisonOperator, Filter, TypedValue } from '../domain/filter.ts';
import { isId } from '../domain/groups.ts';
import { foldCase } from '../domain/user-attributes.ts';
import { type Fragment, join, param, sql, textParam } from './directory/sql.ts';

/**
 * Where one simple value is held: `value` is SQL of its type and null where it is absent. Text may have a `key`, the
 * stored column that holds it folded; `required` is never null.
 */
export type Column = {
  readonly type: 'text' | 'boolean' | 'timestamptz' | 'uuid';
  readonly value: Fragment;
  readonly key?: Fragment;
  readonly required?: true;
};

/**
 * Where the elements of a multi-valued attribute are held: `elements` are those of one resource, as what follows
 * "from" and ends in a condition. A list may be searched over all resources: then `search.elements` are those of the
 * tenant, `search.owner` is the resource that an element is of, and `search.self` the same of the one looked at.
 * `order` puts the first first.
 */
export type List = {
  readonly elements: Fragment;
  readonly order: Fragment;
  readonly parts: Readonly<Record<string, Column>>;
  readonly search?: { readonly elements: Fragment; readonly owner: Fragment; readonly self: Fragment };
};

/**
 * Where a kind of resource holds its attributes, by the names that a filter has for them: `userName`, `name.givenName`,
 * `enterprise.manager.value`; a multi-valued one as a whole. What is not there is an attribute that is always absent.
 */
export type ColumnMap = {
  readonly columns: Readonly<Record<string, Column>>;
  readonly lists: Readonly<Record<string, List>>;
};

/**
 * A filter as a condition with the meaning of RFC 7644 §3.4.2.2: true where it holds, false or null where not. `eq` of
 * an id, a key, an exact text or a boolean is plain equality, which a row policy lets into an index.
 */
export function filterToSql(filter: Filter, map: ColumnMap): Fragment {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const operands = filter.operands.map((operand) => filterToSql(operand, map));
      return sql`(${join(operands, filter.kind)})`;
    }
    case 'not':
      return not(filterToSql(filter.operand, map));
    case 'element':
      return anyElement(map.lists[filter.attribute], filter.filter);
    case 'present':
      return isPresent(filter.path, map);
    default:
      return compare(filter, map);
  }
}

/** Text without its case, as `foldCase` makes it; the rules of lower case are Unicode's, whatever the database's are. */
export function foldText(text: Fragment): Fragment {
  return sql`normalize(lower(normalize(${text}, NFKC) collate "und-x-icu"), NFKC)`;
}

const never: Fragment = { sql: 'false', values: [] };
const always: Fragment = { sql: 'true', values: [] };

/** Null is "does not hold" here, so that `not` of it holds. */
function not(condition: Fragment): Fragment {
  return sql`(${condition}) is not true`;
}

function isPresent({ attribute, subAttribute }: AttributePath, { columns, lists }: ColumnMap): Fragment {
  const list = lists[attribute];
  if (list && subAttribute === null) return sql`exists (select 1 from ${list.elements})`;
  if (list) return anyElement(list, { kind: 'present', path: { attribute, subAttribute } });
  const name = subAttribute === null ? attribute : `${attribute}.${subAttribute}`;
  const held = Object.entries(columns).filter(([key]) => key === name || key.startsWith(`${name}.`));
  return held.length === 0
    ? never
    : sql`(${join(
        held.map(([, column]) => hasValue(column)),
        'or',
      )})`;
}

function hasValue({ type, value, required }: Column): Fragment {
  if (required) return always;
  return type === 'text' ? sql`${value} <> ''` : sql`${value} is not null`;
}

/** A multi-valued attribute compares by any of its values; where it has none it is absent. */
function compare(comparison: Comparison, { columns, lists }: ColumnMap): Fragment {
  const { path, operator, value } = comparison;
  const list = lists[path.attribute];
  if (list) {
    const any = anyElement(list, comparison);
    return holdsOfNothing(comparison) ? sql`(${any} or not exists (select 1 from ${list.elements}))` : any;
  }
  const { attribute, subAttribute } = path;
  const column = columns[subAttribute === null ? attribute : `${attribute}.${subAttribute}`];
  if (column) return compareColumn(column, operator, value);
  return holdsOfNothing(comparison) ? always : never;
}

/** What is absent is null, and is not any value. */
function holdsOfNothing({ operator, value }: Comparison): boolean {
  return operator === (value.type === 'null' ? 'eq' : 'ne');
}

/** One element that satisfies all of the filter, whose paths name its parts. */
function anyElement(list: List | undefined, filter: Filter): Fragment {
  if (!list) return never;
  const condition = filterToSql(nameParts(filter), { columns: list.parts, lists: {} });
  if (!list.search || !pinsValue(filter)) {
    return sql`exists (select 1 from ${list.elements} and ${condition})`;
  }
  // Found by its value first, then whose it is: also beside an "or" that is an index's work.
  const { elements, owner, self } = list.search;
  return sql`${self} = any(array(select ${owner} from ${elements} and ${condition}))`;
}

/** The same filter with each part as an attribute of its own. */
function nameParts(filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, operands: filter.operands.map(nameParts) };
    case 'not':
      return { kind: 'not', operand: nameParts(filter.operand) };
    case 'element':
      return filter;
    default:
      return { ...filter, path: { attribute: filter.path.subAttribute ?? 'value', subAttribute: null } };
  }
}

/** Whether the filter can hold of few elements only: those with one value. */
function pinsValue(filter: Filter): boolean {
  if (filter.kind === 'and') return filter.operands.some(pinsValue);
  if (filter.kind !== 'comparison' || filter.operator !== 'eq' || filter.value.type !== 'string')
    return false;
  return (filter.path.subAttribute ?? 'value') === 'value';
}

function compareColumn(column: Column, operator: ComparisonOperator, value: TypedValue): Fragment {
  if (operator === 'ne') return not(compareColumn(column, 'eq', value));
  switch (value.type) {
    case 'null':
      return not(hasValue(column));
    case 'boolean':
      return compareBoolean(column, value.value);
    case 'dateTime':
      return compareMoment(column.value, operator, value.value.getTime());
    case 'number':
      return never; // No attribute is a number.
    default:
      if (column.type === 'uuid' && operator === 'eq') return isUuid(column.value, value.value);
      return compareText(textOf(column, value), operator);
  }
}

/** Absent is false (RFC 7643 §2.4 of `primary`). */
function compareBoolean({ value, required }: Column, wanted: boolean): Fragment {
  if (wanted) return value;
  return required ? sql`not ${value}` : not(value);
}

/** Moments are shown in milliseconds and compare as they are shown; the database may know microseconds. */
function compareMoment(moment: Fragment, operator: ComparisonOperator, wanted: number): Fragment {
  const [from, to] = [millisecond(wanted), millisecond(wanted + 1)];
  switch (operator) {
    case 'eq':
      return sql`(${moment} >= ${from} and ${moment} < ${to})`;
    case 'gt':
      return sql`${moment} >= ${to}`;
    case 'ge':
      return sql`${moment} >= ${from}`;
    case 'lt':
      return sql`${moment} < ${from}`;
    case 'le':
      return sql`${moment} < ${to}`;
    default:
      return never;
  }
}

// Not as text: JavaScript writes years that PostgreSQL does not read.
function millisecond(time: number): Fragment {
  return sql`to_timestamp(${param(time)}::float8 / 1000)`;
}

// An id is exact (RFC 7643 §3.1), where PostgreSQL takes capitals for the same; what is none is nobody's.
function isUuid(id: Fragment, wanted: string): Fragment {
  return isId(wanted) ? sql`${id} = ${param(wanted)}` : never;
}

/** Both sides as they compare: exactly, or folded. */
function textOf({ type, value, key }: Column, wanted: { value: string; caseExact: boolean }) {
  const text = type === 'uuid' ? sql`${value}::text` : value;
  if (wanted.caseExact) return { text, wanted: wanted.value };
  return { text: key ?? foldText(text), wanted: foldCase(wanted.value) };
}

function compareText(
  { text, wanted }: { text: Fragment; wanted: string },
  operator: ComparisonOperator,
): Fragment {
  const other = textParam(wanted);
  switch (operator) {
    case 'co':
      return sql`strpos(${text}, ${other}) > 0`;
    case 'sw':
      return sql`starts_with(${text}, ${other})`;
    case 'ew':
      return sql`right(${text}, length(${other})) = ${other}`;
    case 'eq':
    case 'ne':
      return sql`${text} ${signs[operator]} ${other}`;
    default:
      return sql`(${text}) collate "C" ${signs[operator]} ${other}`;
  }
}

const signs = { eq: sql`=`, ne: sql`<>`, gt: sql`>`, ge: sql`>=`, lt: sql`<`, le: sql`<=` };
