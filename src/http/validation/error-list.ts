import type { ValidationError } from 'class-validator';
import { mostTelling, typeOf } from './constraints';

/** One error as the API answers it. */
export interface ErrorDetail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/**
 * Flattens class-validator's tree into the list that the API answers: one entry a field, in the tree's
 * order. Children of a sequence (a list, a text) are located by their position in it.
 */
export function toErrorList(
  error: ValidationError,
  parents: readonly (string | number)[] = [],
  inSequence = false,
): ErrorDetail[] {
  const loc = [...parents, inSequence ? Number(error.property) : error.property];
  const { constraints = {}, children = [] } = error;
  const value: unknown = error.value;
  const name = mostTelling(constraints);
  const own = name ? [{ loc, msg: constraints[name] ?? '', type: typeOf(name) }] : [];
  const isSequence = typeof value === 'string' || Array.isArray(value);
  return [...own, ...children.flatMap((child) => toErrorList(child, loc, isSequence))];
}
