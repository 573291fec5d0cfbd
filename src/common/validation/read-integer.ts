import { WholeFloat } from './python-json';
import { Rejected } from './rejected';

/** A sign, digits that single underscores may group, and a fraction of nothing but zeros. */
const INTEGER = /^([+-]?)(\d+(?:_\d+)*)(?:\.0+)?$/;
/** White space as Unicode defines it: with NEL, without the byte order mark, other than `trim` sees it. */
const OUTER_SPACE = /^\p{White_Space}+|\p{White_Space}+$/gu;
/** Floats from here on are beyond the integers they are read as. */
const INT64 = 2 ** 63;
/** Most digits that are read; longer ones are refused before they cost anything. */
const MAX_DIGITS = 4300;

/**
 * Reads an integer as pydantic does in its lax mode: numbers, booleans and numeric strings. Values that
 * no exact number can hold are held at the nearest that can: every field's limit is far below.
 */
export function readInteger(input: unknown): number | Rejected {
  if (typeof input === 'boolean') return Number(input);
  if (typeof input === 'string') return fromText(input);
  if (typeof input === 'bigint') return held(Number(input));
  if (input instanceof WholeFloat) return held(input.value);
  if (typeof input !== 'number') return new Rejected('int_type');
  if (!Number.isFinite(input)) return new Rejected('finite_number');
  if (!Number.isInteger(input)) return new Rejected('int_from_float');
  return Math.abs(input) < INT64 ? held(input) : new Rejected('int_parsing_size');
}

function fromText(text: string): number | Rejected {
  if (!text.isWellFormed()) return new Rejected('string_unicode');
  const parts = INTEGER.exec(text.replace(OUTER_SPACE, ''));
  if (!parts) return new Rejected('int_parsing');
  const [, sign = '', grouped = ''] = parts;
  const digits = grouped.replaceAll('_', '').replace(/^0+(?=\d)/, '');
  if (digits.length > MAX_DIGITS) return new Rejected('int_parsing_size');
  return held(Number(sign + digits));
}

function held(value: number): number {
  const { MAX_SAFE_INTEGER: most } = Number;
  // Adding zero makes -0 an ordinary zero.
  return Math.min(Math.max(value, -most), most) + 0;
}
