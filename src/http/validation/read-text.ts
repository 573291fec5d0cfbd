import { Rejected } from './rejected';

/** Reads a string: one that UTF-8 can carry. Nothing else is turned into one. */
export function readText(input: unknown): string | Rejected {
  if (typeof input !== 'string') return new Rejected('string_type');
  return input.isWellFormed() ? input : new Rejected('string_unicode');
}
