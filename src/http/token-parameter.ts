import { ApiError, TokenParameterError } from '../core/errors';
import { isJsonType } from './validation';
import type { IncomingRequest } from './incoming-request';
import { decodedBody, requireIdentityEncoding } from './request-body';
import { strictFormFields } from './strict-form';

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
