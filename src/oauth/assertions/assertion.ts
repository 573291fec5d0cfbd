import { isUtf8 } from 'node:buffer';
import { isRecord } from '../../core/checks';

/** Longest assertion that is looked at, in characters. */
export const ASSERTION_MAX = 8_192;

/** Algorithms of assertions, RFC 7518 §3.1. */
export const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;

/** One of {@link ASSERTION_ALGORITHMS}. */
export type AssertionAlgorithm = (typeof ASSERTION_ALGORITHMS)[number];

/** What a JWT says that is sent as an assertion (RFC 7523 §3); nothing of it is proven. */
export interface Assertion {
  readonly alg: AssertionAlgorithm;
  readonly kid: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const TYPES: readonly unknown[] = [undefined, 'JWT', 'client-authentication+jwt'];

/** What may not stand in a header: extensions that we do not know, and keys that the sender picked. */
const FORBIDDEN = ['crit', 'jku', 'x5u', 'jwk'];

/** Takes an assertion apart, or returns null where it has not the form that we take. */
export function readAssertion(text: string): Assertion | null {
  if (text.length > ASSERTION_MAX) return null;
  const parts = text.split('.', 4).map(bytesOf);
  if (parts.length !== 3 || parts.includes(null)) return null;
  // Not the signature: to fail at parsing it costs more than all the rest.
  const [header, claims] = parts.slice(0, 2).map(jsonOf);
  if (!isRecord(header) || !isRecord(claims)) return null;
  const { alg, kid, typ } = header;
  const isTaken = isAlgorithm(alg) && typeof kid === 'string' && kid !== '' && TYPES.includes(typ);
  if (!isTaken || FORBIDDEN.some((name) => Object.hasOwn(header, name))) return null;
  return { alg, kid, claims };
}

/** Whether an algorithm is one of {@link ASSERTION_ALGORITHMS}. */
export function isAlgorithm(alg: unknown): alg is AssertionAlgorithm {
  return (ASSERTION_ALGORITHMS as readonly unknown[]).includes(alg);
}

/** Null but for base64url in its one form: a signature with other bits at its end would be the same signature. */
function bytesOf(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : null;
}

/** Undefined but for UTF-8 (RFC 7519 §7.2): what is put in the place of other bytes could equal what is trusted. */
function jsonOf(bytes: Buffer | null): unknown {
  if (!bytes || !isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
