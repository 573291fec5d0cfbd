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
  const [scheme = ''] = header.split(' ', 1);
  const value = header.slice(scheme.length).replace(/^ +/, '');
  if (scheme.toLowerCase() !== SCHEME) return { kind: 'other', value: value || scheme };
  return value === ''
    ? { kind: 'missing' }
    : { kind: 'bearer', value, isToken: B64TOKEN.test(value) };
}
