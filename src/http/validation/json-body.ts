import { BodyNotParsableError } from '../../core/errors';
import { InputInvalidError } from './input-invalid.error';
import { JSON_STRING, parseJson } from './python-json';

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
