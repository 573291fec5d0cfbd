import type { ConstraintName } from './constraints';
import { WholeFloat } from './json-body';

/** Stands in a DTO for input that could not be read as what the field takes. */
export class Rejected {
  readonly limits: readonly unknown[];

  constructor(
    readonly constraint: ConstraintName,
    ...limits: readonly unknown[]
  ) {
    this.limits = limits;
  }
}

/** Reads a string: one that UTF-8 can carry. Nothing else is turned into one. */
export function readText(input: unknown): string | Rejected {
  if (typeof input !== 'string') return new Rejected('string_type');
  return input.isWellFormed() ? input : new Rejected('string_unicode');
}

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

/**
 * A sign, digits that underscores may group, and a fraction of nothing but zeros. The white space around
 * is what Unicode calls so: with NEL, without the byte order mark, other than `trim` sees it.
 */
const INTEGER = /^\p{White_Space}*([+-]?)(\d[\d_]*)(?:\.0+)?\p{White_Space}*$/u;
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

/** Longest cursor that is looked at, in characters: a position holds at most a name. */
const CURSOR_MAX = 4096;

/** Writes a position in a list as an opaque text for URLs. */
export function writeCursor(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** Reads what {@link writeCursor} wrote, or returns null for anything that it would write otherwise. */
export function readCursor(cursor: unknown): readonly unknown[] | null {
  if (typeof cursor !== 'string' || cursor.length > CURSOR_MAX) return null;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(position)) return null;
    return writeCursor(position as string[]) === cursor ? (position as unknown[]) : null;
  } catch {
    return null;
  }
}
