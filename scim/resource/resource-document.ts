import type { Filter } from '../../src/domain/filter.ts';
import type { AttributeTarget } from '../schema/attribute-name.ts';
import { type AttributeDefinition, findSubAttribute } from '../schema/schema.ts';

export type Scalar = string | number | boolean;

/** A complex value, keyed by the canonical names of its parts. */
export type ComplexValue = Readonly<Record<string, Scalar>>;
export type AttributeValue = Scalar | ComplexValue | readonly ComplexValue[];

/** A resource while it is being changed: its set attributes by key, with canonical names and checked types. */
export type ResourceDocument = Map<string, AttributeValue>;

/** One change of one attribute, of one part of it, or of the elements that a filter selects. */
export type Edit = AttributeTarget & {
  readonly op: 'add' | 'replace' | 'remove';
  readonly filter: Filter | null;
  readonly value: unknown;
};

/** Whether a value is that of a multi-valued attribute. */
export function isElements(value: AttributeValue | undefined): value is readonly ComplexValue[] {
  return Array.isArray(value);
}

/** Whether a value is that of a complex attribute with one value. */
export function isComplex(value: AttributeValue | undefined): value is ComplexValue {
  return typeof value === 'object' && !Array.isArray(value);
}

/** An element is worth keeping for its `value`; an address, which has none, for any part that says where. */
export function saysSomething(element: ComplexValue, definition: AttributeDefinition): boolean {
  return findSubAttribute(definition, 'value')
    ? 'value' in element
    : Object.keys(element).some((part) => part !== 'type' && part !== 'primary');
}
