import { foldCase, maxElements } from '../../src/domain/user-attributes.ts';
import { badRequest } from '../errors.ts';
import { matchesElement, readStamp } from './element-match.ts';
import { type Notes, addNote } from '../resource/normalization-rules.ts';
import { normalizeElement, normalizeElements, normalizeScalar } from '../resource/normalizer.ts';
import { type ComplexValue, type Edit, type Scalar, saysSomething } from '../resource/resource-document.ts';

type Elements = readonly ComplexValue[];

/** The elements of a list after one edit (RFC 7644 §3.5.2.1 to §3.5.2.3). The list given stays as it is. */
export function editElements(elements: Elements, edit: Edit, notes: Notes): Elements {
  const edited = applyToElements(elements, edit, notes);
  if (edited.length <= maxElements) return edited;
  throw badRequest('invalidValue', `${edit.attribute.key} has more than ${maxElements} values`);
}

function applyToElements(elements: Elements, edit: Edit, notes: Notes): Elements {
  if (edit.op === 'remove') return removeElements(elements, edit, notes);
  if (edit.filter || edit.sub) return changeElements(elements, edit, notes);
  const given = normalizeElements(edit.value, expect(edit), notes) ?? [];
  return edit.op === 'replace' ? given : addElements(elements, given, edit);
}

function expect({ attribute }: Edit) {
  return { name: attribute.key, definition: attribute.definition };
}

function selects({ filter }: Edit, element: ComplexValue): boolean {
  return filter === null || matchesElement(filter, element);
}

/** An element that is there already, by value and type, takes the new parts; others are appended. */
function addElements(elements: Elements, given: Elements, edit: Edit): Elements {
  const all = [...elements];
  // Of several that are the same the first.
  const places = new Map(all.map((element, place) => [identify(element), place] as const).toReversed());
  const touched = new Set<ComplexValue>();
  for (const element of given) {
    const place = places.get(identify(element)) ?? all.length;
    const merged = { ...all[place], ...element };
    all[place] = merged;
    places.set(identify(element), place);
    touched.add(merged);
  }
  return settlePrimary(all, touched, edit);
}

/** What makes an element the same: its value and type; an address, which has no value, has all its parts. */
function identify(element: ComplexValue): string {
  const named = Object.entries(element).filter(([part]) => {
    return 'value' in element ? part === 'value' : part !== 'primary' && part !== 'type';
  });
  const parts = named.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([foldCase(String(element['type'] ?? '')), parts]);
}

/**
 * Sets a part, or all, of the elements selected. Where none is, one is made from the filter, since Entra
 * replaces what does not exist yet; 400 noTarget if the filter does not say what the element would be.
 */
function changeElements(elements: Elements, edit: Edit, notes: Notes): Elements {
  const change = readChange(edit, notes);
  if (elements.some((element) => selects(edit, element))) {
    const touched = new Set<ComplexValue>();
    const changed = elements.flatMap((element) => {
      if (!selects(edit, element)) return [element];
      const next = change(element);
      if (next) touched.add(next);
      return next ? [next] : [];
    });
    return settlePrimary(changed, touched, edit);
  }
  const stamp = edit.filter ? readStamp(edit.filter) : {};
  const created = change(stamp ?? {});
  if (!created || !Object.keys(created).some((part) => !(part in (stamp ?? {})))) return elements;
  if (!stamp) {
    throw badRequest(
      'noTarget',
      `no value of ${edit.attribute.key} matches, and the filter does not describe one`,
    );
  }
  addNote(notes, 'missing-element-created', edit.attribute.key);
  return settlePrimary([...elements, created], new Set([created]), edit);
}

/** What becomes of an element that the edit selects; null if nothing is left of it. */
function readChange(edit: Edit, notes: Notes): (element: ComplexValue) => ComplexValue | null {
  const { op, sub, filter, value } = edit;
  const { name, definition } = expect(edit);
  if (!sub) {
    const parts = normalizeElement(Array.isArray(value) ? value[0] : value, { name, definition }, notes);
    if (Array.isArray(value) && value.length > 1) {
      throw badRequest('invalidValue', `${name} with a filter takes one value`);
    }
    if (op === 'add') return (element) => ({ ...element, ...parts });
    const described = filter ? readStamp(filter) : {};
    return () => parts && { ...described, ...parts };
  }
  const part = normalizeScalar(value, { name: `${name}.${sub.name}`, definition: sub }, notes);
  return (element) => (part === null ? without(element, sub.name) : { ...element, [sub.name]: part });
}

/** A filter selects what goes, and a value beside it means nothing; without one, a value names what goes. */
function removeElements(elements: Elements, edit: Edit, notes: Notes): Elements {
  const { sub, filter, value } = edit;
  if (sub) return elements.map((element) => (selects(edit, element) ? without(element, sub.name) : element));
  if (filter || value === undefined || value === null) return elements.filter((one) => !selects(edit, one));
  const named = normalizeElements(value, expect(edit), notes) ?? [];
  if (named.length === 0 || named.some((one) => Object.keys(one).length === 0)) {
    throw badRequest(
      'invalidValue',
      `the value does not say which values of ${edit.attribute.key} to remove`,
    );
  }
  const caseExact = edit.attribute.definition.subAttributes?.find(({ name }) => name === 'value')?.caseExact;
  return elements.filter((element) => !named.some((one) => isNamed(element, one, caseExact ?? false)));
}

/** By value, and by type if it is given; an address, which has no value, by all the parts that are given. */
function isNamed(element: ComplexValue, named: ComplexValue, caseExact: boolean): boolean {
  return Object.entries(named).every(([part, wanted]) => {
    if ('value' in named && part !== 'value' && part !== 'type') return true;
    const exact = part === 'value' && caseExact;
    return exact ? element[part] === wanted : foldPart(element[part]) === foldPart(wanted);
  });
}

function foldPart(part: Scalar | undefined): Scalar | undefined {
  return typeof part === 'string' ? foldCase(part) : part;
}

/**
 * A value that becomes primary takes it from the one that was (RFC 7644 §3.5.2). An element that says nothing yet takes
 * nothing: it goes if nothing comes.
 */
function settlePrimary(
  elements: Elements,
  touched: ReadonlySet<ComplexValue>,
  { attribute }: Edit,
): Elements {
  const takes = (one: ComplexValue) =>
    one['primary'] === true && touched.has(one) && saysSomething(one, attribute.definition);
  if (!elements.some(takes)) return elements;
  return elements.map((one) =>
    one['primary'] === true && !touched.has(one) ? { ...one, primary: false } : one,
  );
}

function without(element: ComplexValue, part: string): ComplexValue {
  const { [part]: _, ...others } = element;
  return others;
}
