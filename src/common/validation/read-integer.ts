import { Rejected } from './rejected';

/** A sign, digits that single underscores may group, and a fraction of nothing but zeros. */
const INTEGER = /^([+-]?)(\d+(?:_\d+)*)(?:\.0+)?$/;
/** Most digits that are read; longer ones are refused before they cost anything. */
const MAX_DIGITS = 4300;

/**
 * Reads an integer as pydantic does in its lax mode: numbers, booleans and numeric strings. Values that
 * no exact number can hold are held at the nearest that can: every field's limit is far below.
 */
export function readInteger(input: unknown): number | Rejected {
  if (typeof input === 'boolean') return Number(input);
  if (typeof input === 'string') return fromText(input);
  if (typeof input !== 'number') return new Rejected('int_type');
  if (!Number.isFinite(input)) return new Rejected('finite_number');
  if (!Number.isInteger(input)) return new Rejected('int_from_float');
  return held(input);
}

function fromText(text: string): number | Rejected {
  if (!text.isWellFormed()) return new Rejected('string_unicode');
  const parts = INTEGER.exec(text.trim());
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
