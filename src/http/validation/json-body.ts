import { BodyNotParsableError } from '../../core/errors';
import { InputInvalidError } from './input-invalid.error';
import { randomBytes } from 'node:crypto';

/** A number that its text calls a float though its value is whole, such as `5.0`. */
export class WholeFloat {
  constructor(readonly value: number) {}
}

/** Matches a JSON string. One that does not end goes to the end: looked for anew at each quote it would cost squares. */
export const JSON_STRING = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)/.source;

const DIGITS = /-?(?:0|[1-9]\d*)/.source;
/** The most digits that JavaScript surely reads as the integer they are. */
const SAFE_DIGITS = 15;
/**
 * Numbers that Python may take otherwise than JavaScript: floats, long integers, and those that are none;
 * never an object's key. Strings are matched to be passed over.
 */
const LITERALS = new RegExp(
  `${JSON_STRING}|(?<![\\w.+-])(?:${DIGITS}(?:\\.\\d+(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+|(?<=\\d{${SAFE_DIGITS + 1}}))|NaN|-?Infinity)(?![\\w.+-]|\\s*:)`,
  'gs',
);
/** Most digits of an integer, as in Python: what more would cost grows with the square of their number. */
const MAX_DIGITS = 4300;
/** Stands before a number's text in the string that carries it; nobody who sends a body can know it. */
const MARK = `${randomBytes(12).toString('base64url')}:`;

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
  const value: unknown = JSON.parse(marked);
  return marks > 0 ? unmarked(value) : value;
}

/** Whether JavaScript reads a number as what Python reads. */
function isFaithful(literal: string): boolean {
  return Number.isSafeInteger(Number(literal)) === isInteger(literal) && !/[NI]/.test(literal);
}

function isInteger(literal: string): boolean {
  return /^-?\d+$/.test(literal);
}

/** Puts numbers in the places of their marks. By hand: `JSON.parse`'s own reviver takes longer by far. */
function unmarked(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? numberOf(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unmarked(value[index]);
    return value;
  }
  const members = value as Record<string, unknown>;
  for (const name in members) {
    const member = members[name];
    const read = unmarked(member);
    if (read === member) continue;
    // To set this one would change the prototype.
    if (name === '__proto__') Object.defineProperty(members, name, { value: read });
    else members[name] = read;
  }
  return members;
}

function numberOf(marked: string): unknown {
  const literal = marked.slice(MARK.length);
  if (isInteger(literal)) {
    if (literal.length > MAX_DIGITS) throw new RangeError('Too many digits');
    return BigInt(literal);
  }
  const number = Number(literal);
  return Number.isInteger(number) ? new WholeFloat(number) : number;
}

/** A body's value, or the error to answer once it is the body's turn. */
export type DecodedBody =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** Names of an object's members, in the order of the text. */
      readonly fields: () => readonly string[];
    }
  | { readonly ok: false; readonly error: Error };

const JSON_TYPE = /^application\/(?:[^/]*\+)?json$/;
const NO_FIELDS = (): readonly string[] => [];

/**
 * Decodes a body as FastAPI does: no content type, `application/json` and `application/…+json` are
 * JSON, whatever the charset; of another type the bytes stay bytes, which are no object.
 */
export function decodeJsonBody(
  bytes: Buffer | undefined,
  contentType: string | undefined,
): DecodedBody {
  if (!bytes || bytes.length === 0) return { ok: true, value: undefined, fields: NO_FIELDS };
  if (!isJsonType(contentType))
    return { ok: true, value: bytes.toString('latin1'), fields: NO_FIELDS };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, error: new BodyNotParsableError() };
  }
  try {
    return { ok: true, value: parseJson(text), fields: () => memberNames(text) };
  } catch (error) {
    // JSON, but with a number too long or lists too deep: Python's parser gives up there, too.
    if (!(error instanceof SyntaxError)) return { ok: false, error: new BodyNotParsableError() };
    return { ok: false, error: InputInvalidError.json(offsetOf(error, text)) };
  }
}

/** A body that a host's parser has decoded already. */
export function fromParsedBody(value: unknown): DecodedBody {
  return { ok: true, value, fields: () => Object.keys(Object(value) as object) };
}

/** Whether a body of this type is JSON; one without a type is. */
export function isJsonType(contentType: string | undefined): boolean {
  if (!contentType) return true;
  const [type = ''] = contentType.split(';');
  return JSON_TYPE.test(type.trim().toLowerCase());
}

const TOKENS = new RegExp(`${JSON_STRING}(?:\\s*:)?|[{}[\\]]`, 'gs');

/** JavaScript puts integer-like names first and drops no repeated one's place; the text knows better. */
function memberNames(text: string): string[] {
  const names = new Set<string>();
  let depth = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token.endsWith(':')) {
      names.add(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string);
    }
  }
  return [...names];
}

function offsetOf(error: unknown, text: string): number {
  const position = /at position (\d+)/.exec(String(error))?.[1];
  return position === undefined ? text.length : Number(position);
}
