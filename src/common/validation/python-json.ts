import { randomUUID } from 'node:crypto';

/** A number that its text calls a float though its value is whole, such as `5.0`. */
export class WholeFloat {
  constructor(readonly value: number) {}
}

/** Matches a JSON string. One that does not end goes to the end: looked for anew at each quote it would cost squares. */
export const JSON_STRING = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)/.source;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.source;
/** Numbers as Python takes them, never as an object's key. Strings are matched to be passed over. */
const LITERALS = new RegExp(
  `${JSON_STRING}|(?<![\\w.+-])(?:${NUMBER}|NaN|-?Infinity)(?![\\w.+-]|\\s*:)`,
  'gs',
);
/** Most digits of an integer, as in Python: what more would cost grows with the square of their number. */
const MAX_DIGITS = 4300;
/** Stands before a number's text in the string that carries it; nobody who sends a body can know it. */
const MARK = `${randomUUID()}:`;

/**
 * Parses JSON as Python does, which tells integers of any size from floats and knows `NaN` and
 * `Infinity`. An integer that no number holds exactly is a bigint; a float that would pass for an
 * integer is a {@link WholeFloat}.
 *
 * @throws SyntaxError for what is no JSON, RangeError for what is too large or too deep to be read
 */
export function parseJson(text: string): unknown {
  let marks = 0;
  const marked = text.replace(LITERALS, (literal) => {
    if (literal.startsWith('"') || isFaithful(literal)) return literal;
    marks += 1;
    return `"${MARK}${literal}"`;
  });
  return JSON.parse(marked, marks > 0 ? (_, value: unknown) => unmarked(value) : undefined);
}

/** Whether JavaScript reads a number as what Python reads. */
function isFaithful(literal: string): boolean {
  return !/[NI]/.test(literal) && Number.isSafeInteger(Number(literal)) === isInteger(literal);
}

function isInteger(literal: string): boolean {
  return /^-?\d+$/.test(literal);
}

function unmarked(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  const literal = value.slice(MARK.length);
  if (isInteger(literal)) {
    if (literal.length > MAX_DIGITS) throw new RangeError('Too many digits');
    return BigInt(literal);
  }
  const number = Number(literal);
  return Number.isInteger(number) ? new WholeFloat(number) : number;
}
