import type { JsonWebKey } from 'node:crypto';
import { isRecord } from '../core/checks';

/** Milliseconds a JWKS URL may take, its body included. */
export const JWKS_TIMEOUT_MS = 5_000;
/** Most keys of a set that are looked at. */
const MAX_KEYS = 100;

/** A member of a JWK set, RFC 7517 §4, as far as it says what the key is for. */
export interface Jwk extends JsonWebKey {
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
  /** Whose key it is, where a set serves several issuers: Microsoft's own member. */
  readonly issuer?: unknown;
}

/** How far a read may go. */
export interface ReadLimits {
  /** Largest body in bytes. */
  readonly maxBytes: number;
  /** Milliseconds for all of it. */
  readonly timeoutMs?: number;
}

/**
 * Reads the keys of a JWK set that are meant to verify signatures, bounded in time, size and number.
 *
 * @throws Error where the URL cannot be reached, redirects, or sends something else than a JWK set
 */
export async function fetchJwkSet(
  url: URL,
  { maxBytes, timeoutMs = JWKS_TIMEOUT_MS }: ReadLimits,
): Promise<Jwk[]> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    // A redirect could lead away from https.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`The JWKS URL answered ${response.status}`);
  }
  const set: unknown = JSON.parse(await boundedText(response, maxBytes));
  const keys = isRecord(set) ? set.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('The JWKS URL answered something else than a JWK set');
  return keys.filter(verifiesSignatures).slice(0, MAX_KEYS);
}

/** What kept a set from being read, in a few words for an operator. */
export function fetchFailure(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`The JWKS is larger than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function verifiesSignatures(jwk: unknown): jwk is Jwk {
  if (!isRecord(jwk)) return false;
  const { kid, alg, use, key_ops: operations } = jwk;
  return (
    (kid === undefined || typeof kid === 'string') &&
    (alg === undefined || typeof alg === 'string') &&
    (use === undefined || use === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
  );
}
