import { WholeFloat } from './python-json';
import { Rejected } from './rejected';

/**
 * A sign, digits that underscores may group, and a fraction of nothing but zeros. The white space around
 * is what Unicode calls so: with NEL, without the byte order mark, other than `trim` sees it.
 */
const INTEGER = /^\p{White_Space}*([+-]?)(\d[\d_]*)(?:\.0+)?\p{White_Space}*$/u;
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
  const [, sign = '', grouped = '_'] = INTEGER.exec(text) ?? [];
  if (grouped.includes('__') || grouped.endsWith('_')) return new Rejected('int_parsing');
  const significant = grouped.replace(/^[0_]+(?=\d)/, '');
  // With at most every other character a mark of a group: what is too long anyway is not rewritten.
  const digits =
    significant.length < 2 * MAX_DIGITS ? significant.replaceAll('_', '') : significant;
  if (digits.length > MAX_DIGITS) return new Rejected('int_parsing_size');
  return held(Number(sign + digits));
}

function held(value: number): number {
  const { MAX_SAFE_INTEGER: most } = Number;
  // Adding zero makes -0 an ordinary zero.
  return Math.min(Math.max(value, -most), most) + 0;
}
