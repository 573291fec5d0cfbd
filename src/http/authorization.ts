import { valuesOf, type IncomingRequest } from './incoming-request';

/** What the header `Authorization` holds. */
export type Authorization =
  | { readonly kind: 'missing' }
  | {
      /** Whether the scheme is `Bearer`; a header without a scheme is of another. */
      readonly kind: 'bearer' | 'other';
      /** All that stands after the scheme. */
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
  const [, scheme = '', value = ''] = /^([^ ]*) *(.*)$/s.exec(header) ?? [];
  const kind = scheme.toLowerCase() === SCHEME ? 'bearer' : 'other';
  if (value !== '') return { kind, value, isToken: B64TOKEN.test(value) };
  return kind === 'bearer' ? { kind: 'missing' } : { kind, value: scheme, isToken: false };
}
