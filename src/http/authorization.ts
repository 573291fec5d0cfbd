import { decodeFormText, decodeUtf8 } from './form';
import { valuesOf, type IncomingRequest } from './incoming-request';

/** What the header `Authorization` holds. */
export type Authorization =
  | { readonly kind: 'missing' }
  /** Another scheme, or no scheme at all. */
  | { readonly kind: 'other'; readonly value: string }
  | {
      readonly kind: 'bearer';
      /** All that stands after `Bearer `. */
      readonly value: string;
      /** Whether that is one b64token, as RFC 6750 §2.1 has it, with nothing after it. */
      readonly isToken: boolean;
    };

const NAME = 'authorization';
const SCHEME = 'bearer';
const B64TOKEN = /^[\w.~+/-]+=*$/;

/**
 * The request's `Authorization`. One that was sent more than once is joined as RFC 9110 §5.3 joins fields,
 * and so no token: Node alone would take the first, and what stands before us perhaps the last.
 */
export function authorizationOf(request: IncomingRequest): string | undefined {
  const sent = valuesOf(request, NAME);
  return sent.length > 1 ? sent.join(', ') : request.headers.authorization;
}

/**
 * Reads `Authorization: Bearer <token>` (RFC 6750 §2.1), in one pass: the scheme in any case, one space or
 * more, and the token. The one place that does.
 */
export function readAuthorization(header: string | undefined): Authorization {
  if (header === undefined || header === '') return { kind: 'missing' };
  const space = header.indexOf(' ');
  const scheme = space === -1 ? header : header.slice(0, space);
  let start = scheme.length;
  while (header[start] === ' ') start += 1;
  const value = header.slice(start);
  if (scheme.toLowerCase() !== SCHEME) return { kind: 'other', value: value || scheme };
  return value === ''
    ? { kind: 'missing' }
    : { kind: 'bearer', value, isToken: B64TOKEN.test(value) };
}

/**
 * The header's content out of what a person copied: its content, the whole line, or the value without its scheme.
 * What is blank around it does not count, as HTTP has it (RFC 9110 §5.5).
 */
export function headerFrom(copied: string): string {
  const header = copied.trim().replace(/^authorization:\s*/i, '');
  return header === '' || /^(?:[a-z]+ |bearer$)/i.test(header) ? header : `Bearer ${header}`;
}

/** Id and secret of a client, as `Authorization: Basic` holds them. */
export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

const BASIC = /^basic +([A-Za-z0-9+/]*={0,2})$/i;

/**
 * Reads `Authorization: Basic` as RFC 6749 §2.3.1 has it: the scheme in any case, base64 of two halves, each
 * form-encoded for itself.
 *
 * @returns null for whatever is no such header
 */
export function readBasic(authorization: string): BasicCredentials | null {
  const [, base64 = ''] = BASIC.exec(authorization) ?? [];
  if (base64.length % 4 !== 0) return null;
  const text = decodeUtf8(Buffer.from(base64, 'base64')) ?? '';
  const colon = text.indexOf(':');
  if (colon === -1) return null;
  const id = decodeFormText(text.slice(0, colon));
  const secret = decodeFormText(text.slice(colon + 1));
  return id === null || secret === null ? null : { id, secret };
}
