import type { FailureHint } from './failure-hints';

/** What an Authorization header holds: a value to check, or the reason that there is none. */
export type BearerValue = { readonly value: string } | { readonly hint: FailureHint };

const BEARER = /^bearer(?: +(.*))?$/is;

/** Reads `Authorization: Bearer <value>` (RFC 6750 §2.1); the scheme's case does not matter. */
export function bearerValue(header: string | undefined): BearerValue {
  if (header === undefined || header === '') return { hint: 'missing' };
  const match = BEARER.exec(header);
  if (!match) return { hint: 'no_bearer' };
  const [, value = ''] = match;
  return value === '' ? { hint: 'missing' } : { value };
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
