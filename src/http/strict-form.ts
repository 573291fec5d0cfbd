import { UnsupportedContentTypeError } from '../core/errors';
import { formPairs } from './form-pairs';
import type { IncomingRequest } from './incoming-request';
import { requireIdentityEncoding } from './request-body';
import { contentOf } from './unread-body';

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
