/** A name as it was written: `emails`, `name.familyName`, `urn:…:User:manager.value`. */
export interface AttributePath {
  /** The URN in front of the name, null without one. */
  readonly schema: string | null;
  readonly name: string;
  readonly sub: string | null;
}

export const COMPARE_OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type CompareOperator = (typeof COMPARE_OPERATORS)[number];

export type FilterValue = string | number | boolean | null;

export interface Comparison {
  readonly kind: 'compare';
  readonly path: AttributePath;
  readonly operator: CompareOperator;
  readonly value: FilterValue;
}

/** `title pr` */
export interface Presence {
  readonly kind: 'present';
  readonly path: AttributePath;
}

export interface Negation {
  readonly kind: 'not';
  readonly filter: Filter;
}

export interface Junction {
  readonly kind: 'and' | 'or';
  readonly filters: readonly Filter[];
}

/** `emails[type eq "work"]`: one value of the list meets the whole inner filter. */
export interface ValueFilter {
  readonly kind: 'values';
  readonly path: AttributePath;
  readonly filter: Filter;
}

/** A filter of RFC 7644 §3.4.2.2. */
export type Filter = Comparison | Presence | Negation | Junction | ValueFilter;

/** A path of RFC 7644 §3.5.2: an attribute, perhaps only some of its values, perhaps a part of each. */
export interface PatchPath {
  readonly path: AttributePath;
  /** Which values of the list; null for all. */
  readonly filter: Filter | null;
}
