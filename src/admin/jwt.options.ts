import { HOUR_MS } from '../core/clock';
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';
import type { JwtOptions } from '../core/admin-authentication';
import { isStrongSecret, STRONG_SECRET_TAKES } from '../core/secret-strength';
import { isSecureUrl, SECURE_URL_TAKES } from '../core/secure-url';
import { algorithmsOfPublicKey, PUBLIC_KEY_ALGORITHMS } from '../jwks/public-key';
import { RemoteJwks } from '../jwks/remote-jwks';
import { FixedKey, RemoteKeys, SECRET_ALGORITHMS, type JwtKeySource } from './jwt-key-source';

/** Hours for which keys are taken that may have been withdrawn, unless the options say otherwise. */
export const JWKS_MAX_STALE_HOURS = 24;

/** Largest JWK set in bytes. */
export const JWKS_MAX_BYTES = 512 * 1024;
/** Milliseconds after which a JWK set is read again, so that a key taken out of it dies. */
const JWKS_REFRESH_AFTER_MS = 10 * 60_000;

/** The part of {@link JwtOptions} that is wrong. */
export type JwtOptionName =
  | 'key'
  | 'secret'
  | 'publicKey'
  | 'jwksUri'
  | Exclude<keyof JwtOptions, 'claims' | 'jwksMaxStaleHours'>;

/** A wrong option. The message says what it takes, and never holds what was given. */
export class JwtOptionsError extends Error {
  constructor(
    readonly option: JwtOptionName,
    /** What the option takes, without its name. */
    readonly expectation: string,
  ) {
    super(`jwt.${option} ${expectation}`);
    this.name = JwtOptionsError.name;
  }
}

/**
 * Checks the options and makes the key source they ask for. Nothing is fetched yet.
 *
 * @throws JwtOptionsError naming the option and what it takes
 */
export function keySourceFrom(options: JwtOptions): JwtKeySource {
  // An empty string would silently turn the check off.
  for (const name of ['issuer', 'audience'] as const) {
    if (options[name] === '') throw new JwtOptionsError(name, 'must not be empty');
  }
  const { key } = options;
  const given = ['secret', 'publicKey', 'jwksUri'].filter((name) => name in key);
  if (given.length !== 1) {
    throw new JwtOptionsError('key', 'takes exactly one of secret, publicKey and jwksUri');
  }
  if ('secret' in key) {
    const algorithms = narrowed(options, SECRET_ALGORITHMS, 'a shared secret');
    return new FixedKey(secretKey(key.secret), algorithms);
  }
  if ('publicKey' in key) {
    const publicKey = parsePublicKey(key.publicKey);
    const algorithms = narrowed(options, algorithmsOfPublicKey(publicKey), 'this public key');
    return new FixedKey(publicKey, algorithms);
  }
  const algorithms = narrowed(options, PUBLIC_KEY_ALGORITHMS, 'a JWKS URL');
  const maxStaleMs = (options.jwksMaxStaleHours ?? JWKS_MAX_STALE_HOURS) * HOUR_MS;
  const jwks = new RemoteJwks({
    url: jwksUrl(key.jwksUri),
    name: 'The JWK set',
    maxBytes: JWKS_MAX_BYTES,
    algorithmsOf: algorithmsOfPublicKey,
    refreshAfterMs: JWKS_REFRESH_AFTER_MS,
    maxStaleMs,
  });
  return new RemoteKeys(jwks, algorithms);
}

function secretKey(secret: string): KeyObject {
  if (!isStrongSecret(secret)) throw new JwtOptionsError('secret', `takes ${STRONG_SECRET_TAKES}`);
  return createSecretKey(secret, 'utf8');
}

function parsePublicKey(pem: string): KeyObject {
  const expectation =
    'takes the PEM of a public key: RSA of at least 2048 bits, or EC on P-256 or P-384';
  // Environment files often hold a PEM on one line.
  const text = pem.replaceAll('\\n', '\n');
  if (text.includes('PRIVATE KEY')) {
    throw new JwtOptionsError('publicKey', `${expectation}; this is a private key`);
  }
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch {
    throw new JwtOptionsError('publicKey', expectation);
  }
  if (algorithmsOfPublicKey(key).length === 0) throw new JwtOptionsError('publicKey', expectation);
  return key;
}

function jwksUrl(uri: string): URL {
  if (!isSecureUrl(uri)) throw new JwtOptionsError('jwksUri', `takes ${SECURE_URL_TAKES}`);
  return new URL(uri);
}

function narrowed(
  { algorithms }: JwtOptions,
  family: readonly Algorithm[],
  of: string,
): readonly Algorithm[] {
  if (algorithms === undefined) return family;
  const narrow = family.filter((algorithm) => algorithms.includes(algorithm));
  const foreign = algorithms.some((name) => !(family as readonly string[]).includes(name));
  if (foreign || narrow.length === 0) {
    throw new JwtOptionsError(
      'algorithms',
      `takes, with ${of}, one or more of ${family.join(', ')}`,
    );
  }
  return narrow;
}
