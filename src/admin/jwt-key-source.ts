import type { KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';
import { InvalidTokenError } from '../core/errors';

/** Algorithms of a shared secret. */
export const SECRET_ALGORITHMS = ['HS256'] as const satisfies readonly Algorithm[];

const RSA_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
] as const satisfies readonly Algorithm[];

/** Every algorithm of a public key that we verify. */
export const PUBLIC_KEY_ALGORITHMS: readonly Algorithm[] = [...RSA_ALGORITHMS, 'ES256', 'ES384'];

/** Shortest RSA modulus in bits, RFC 7518 §3.3. */
const RSA_MIN_BITS = 2048;

/**
 * The algorithms a public key may verify, from the key itself and nothing else, so that a token's
 * header cannot pick another family. Empty for a key we do not take.
 */
export function algorithmsOfPublicKey(key: KeyObject): readonly Algorithm[] {
  if (key.type !== 'public') return [];
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= RSA_MIN_BITS ? RSA_ALGORITHMS : [];
  if (key.asymmetricKeyType !== 'ec') return [];
  if (namedCurve === 'prime256v1') return ['ES256'];
  if (namedCurve === 'secp384r1') return ['ES384'];
  return [];
}

/** What of a JWT's header may take part in choosing its key; `jku`, `jwk`, `x5u` and `x5c` never do. */
export interface JwtKeyHeader {
  readonly alg: string;
  readonly kid?: string;
}

/** Where the keys come from that verify admin JWTs. */
export interface JwtKeySource {
  /** Every algorithm that any of its keys may verify. */
  readonly algorithms: readonly Algorithm[];
  /**
   * The key for a token.
   *
   * @throws InvalidTokenError where no key fits the header
   * @throws AuthUnavailableError where no key could be obtained so far
   */
  keyFor(header: JwtKeyHeader): KeyObject | Promise<KeyObject>;
}

/** One key, known from the start. It is kept as a KeyObject: parsing it per token costs 28 times as much. */
export class FixedKey implements JwtKeySource {
  constructor(
    private readonly key: KeyObject,
    readonly algorithms: readonly Algorithm[],
  ) {}

  keyFor({ alg }: JwtKeyHeader): KeyObject {
    if (!(this.algorithms as readonly string[]).includes(alg)) {
      throw new InvalidTokenError('its algorithm is not accepted');
    }
    return this.key;
  }
}
