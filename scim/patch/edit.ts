import { editElements } from './elements.ts';
import type { Notes } from '../resource/normalization-rules.ts';
import { normalizeScalar, normalizeValue } from '../resource/normalizer.ts';
import {
  type ComplexValue,
  type Edit,
  type ResourceDocument,
  type Scalar,
  isComplex,
  isElements,
} from '../resource/resource-document.ts';

/** Makes one edit in the document (RFC 7644 §3.5.2). What is set to null or "" is not set any more. */
export function applyEdit(document: ResourceDocument, edit: Edit, notes: Notes): void {
  const { attribute, op, sub, value } = edit;
  const { key, definition } = attribute;
  const current = document.get(key);
  if (definition.multiValued) {
    const elements = editElements(isElements(current) ? current : [], edit, notes);
    if (elements.length > 0) document.set(key, elements);
    else document.delete(key);
    return;
  }
  const next = sub
    ? setPart(isComplex(current) ? current : {}, edit, notes)
    : op === 'remove'
      ? null
      : normalizeValue(value, { name: key, definition }, notes);
  if (next === null) document.delete(key);
  else document.set(key, next);
}

/** A new `value` makes a new reference: what was known of the old one goes. */
function setPart(
  current: ComplexValue,
  { attribute, op, sub, value }: Edit,
  notes: Notes,
): ComplexValue | null {
  if (!sub) return current;
  const name = `${attribute.key}.${sub.name}`;
  const part = op === 'remove' ? null : normalizeScalar(value, { name, definition: sub }, notes);
  const others: Record<string, Scalar> = sub.name === 'value' ? {} : { ...current };
  delete others[sub.name];
  const next = part === null ? others : { ...others, [sub.name]: part };
  return Object.keys(next).length > 0 ? next : null;
}
