import { ApiError, TokenParameterError, UnsupportedContentTypeError } from '../core/errors';
import { queryOf, type IncomingRequest } from './incoming-request';
import { contentOf, decodedBody, requireIdentityEncoding } from './request-body';
import { isJsonType } from './validation/json-body';

/**
 * Name and value of each pair of a form or a query, as the URL standard reads them (§5.1). Pair by pair:
 * `URLSearchParams` of the whole costs the square of its length on Node 24.
 */
export function formPairs(text: string): (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const piece of text.split('&')) {
    if (piece === '') continue;
    if (piece.includes('%') || piece.includes('+')) {
      // The constructor would drop a leading question mark, which belongs to the name.
      pairs.push(...new URLSearchParams(`&${piece}`));
      continue;
    }
    const end = piece.indexOf('=');
    pairs.push(end === -1 ? [piece, ''] : [piece.slice(0, end), piece.slice(end + 1)]);
  }
  return pairs;
}

/**
 * A text out of a form, decoded: `+` and percent-encoded UTF-8. Null where it is encoded wrongly, which
 * others read in one way and we would in another.
 */
export function decodeFormText(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Bytes as UTF-8 text; null where they are none. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** A URL's query parameters, decoded; of a repeated one the last. */
export function parseQuery(url: string): Readonly<Record<string, string>> {
  // No prototype: a parameter may be called `__proto__`.
  const parameters = Object.create(null) as Record<string, string>;
  for (const [name, value] of formPairs(queryOf(url))) parameters[name] = value;
  return parameters;
}

const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * The fields of a form (RFC 6749 §3.2). One that is sent more than once is a list, which no field takes:
 * which of the values was meant is anyone's guess. Inside a host, whose parser has run already, it is what
 * that parser made of it.
 *
 * @throws UnsupportedEncodingError, UnsupportedContentTypeError, BodyLostError
 */
export function strictFormFields(request: IncomingRequest): Readonly<Record<string, unknown>> {
  requireIdentityEncoding(request);
  const found = contentOf(request);
  const content = Buffer.isBuffer(found) ? found.toString() : found;
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  const isEmpty = content === undefined || content === '';
  if (type.trim().toLowerCase() !== FORM_TYPE && !(isEmpty && type === '')) {
    throw new UnsupportedContentTypeError();
  }
  if (typeof content === 'string') return parseForm(content);
  return Object(content ?? {}) as Readonly<Record<string, unknown>>;
}

function parseForm(text: string): Readonly<Record<string, unknown>> {
  // No prototype: a field may be called `__proto__`.
  const fields = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of formPairs(text)) {
    const known = fields[name];
    if (Array.isArray(known)) known.push(value);
    else fields[name] = known === undefined ? value : [known, value];
  }
  return fields;
}

/** What no text has: control characters, and what stands where bytes were no UTF-8. */
const NO_TEXT = /[\p{Cc}\ufffd]/u;

/**
 * The `token` that RFC 7009 §2.1 requires, of a form or of a JSON object: whoever sends the right field in
 * the other format means it.
 *
 * @throws UnsupportedEncodingError, UnsupportedContentTypeError, BodyLostError
 * @throws TokenParameterError where it is missing, empty, there twice, or no text
 */
export function tokenParameter(request: IncomingRequest): string {
  const type = request.headers['content-type'];
  const { token } =
    type !== undefined && isJsonType(type) ? jsonFields(request) : strictFormFields(request);
  if (typeof token !== 'string' || token === '' || NO_TEXT.test(token)) {
    throw new TokenParameterError();
  }
  return token;
}

function jsonFields(request: IncomingRequest): Readonly<Record<string, unknown>> {
  requireIdentityEncoding(request);
  const body = decodedBody(request);
  if (body.ok) return Object(body.value) as Readonly<Record<string, unknown>>;
  throw body.error instanceof ApiError ? body.error : new TokenParameterError();
}
