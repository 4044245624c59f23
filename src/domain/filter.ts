/** Operators that compare an attribute with a value (RFC 7644 §3.4.2.2, table 3). */
export const comparisonOperators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

/**
 * An attribute by its canonical name, as `UserAttributes` says it (`userName`, `emails`,
 * `enterprise.department`), and one part of it if it is complex (`value`, `givenName`).
 */
export type AttributePath = { readonly attribute: string; readonly subAttribute: string | null };

/** A value of the type that its attribute has. Where `caseExact` is false, both sides are folded first. */
export type TypedValue =
  | { readonly type: 'string'; readonly value: string; readonly caseExact: boolean }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'dateTime'; readonly value: Date }
  | { readonly type: 'null' };

/** One attribute compared with one value. On a multi-valued attribute it holds if any of its values does. */
export type Comparison = {
  readonly kind: 'comparison';
  readonly path: AttributePath;
  readonly operator: ComparisonOperator;
  readonly value: TypedValue;
};

/**
 * A filter that was checked against its schema; it can say all that the grammar of RFC 7644 §3.4.2.2 can.
 * `present` is false for null, "" and an empty list. `element` holds if one and the same element of a
 * multi-valued attribute satisfies all of `filter`, whose paths name parts of that attribute.
 */
export type Filter =
  | Comparison
  | { readonly kind: 'present'; readonly path: AttributePath }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[] }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'element'; readonly attribute: string; readonly filter: Filter };

/** By what a list is sorted (RFC 7644 §3.4.2.3); text folded first where `caseExact` is false. */
export type Sort = {
  readonly path: AttributePath;
  readonly caseExact: boolean;
  readonly descending: boolean;
};
