import { WholeFloat } from './python-json';
import { Rejected } from './rejected';

const TRUE = new Set(['1', 't', 'true', 'y', 'yes', 'on']);
const FALSE = new Set(['0', 'f', 'false', 'n', 'no', 'off']);
const LONGEST_WORD = 5;
const INT64 = 2 ** 63;

/** Reads a boolean as pydantic does in its lax mode: true, 1, "yes", "ON" and the like. */
export function readBoolean(input: unknown): boolean | Rejected {
  if (typeof input === 'boolean') return input;
  if (input instanceof WholeFloat) return readBoolean(input.value);
  if (typeof input === 'number') {
    if (input === 0 || input === 1) return input === 1;
    return new Rejected(Number.isInteger(input) && isInt64(input) ? 'bool_parsing' : 'bool_type');
  }
  if (typeof input === 'bigint') return new Rejected(isInt64(input) ? 'bool_parsing' : 'bool_type');
  if (typeof input !== 'string') return new Rejected('bool_type');
  if (!input.isWellFormed()) return new Rejected('string_unicode');
  const word = input.length <= LONGEST_WORD ? input.toLowerCase() : '';
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : new Rejected('bool_parsing');
}

/** Beyond 64 bits an integer is none to pydantic here. */
function isInt64(value: number | bigint): boolean {
  return value >= -INT64 && value < INT64;
}
