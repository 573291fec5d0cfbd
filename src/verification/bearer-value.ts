import { readAuthorization } from '../http/authorization';
import type { FailureHint } from '../core/failure-hints';

/** What an Authorization header holds: a value to check, or the reason that there is none. */
export type BearerValue = { readonly value: string } | { readonly hint: FailureHint };

/**
 * Reads `Authorization: Bearer <value>`. The value may be anything: a wrong one is told by a hint, and
 * what another system minted need not be a b64token.
 */
export function bearerValue(header: string | undefined): BearerValue {
  const authorization = readAuthorization(header);
  if (authorization.kind === 'bearer') return { value: authorization.value };
  return { hint: authorization.kind === 'missing' ? 'missing' : 'no_bearer' };
}

/** Signed, or encrypted: three parts or five. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$|^[\w-]+(?:\.[\w-]*){4}$/;

/** Guesses what went wrong with a value that is none of ours. */
export function hintOfMalformed(value: string): FailureHint {
  if (/^bearer\s/i.test(value)) return 'doubled_bearer';
  if (/^\s*["'`“”‘’]|["'`“”‘’]\s*$/.test(value)) return 'quoted';
  if (/\s/.test(value)) return 'white_space';
  if (JWT.test(value)) return 'foreign_jwt';
  return 'malformed';
}
