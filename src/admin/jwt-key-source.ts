import type { KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';
import { InvalidTokenError } from '../core/errors';

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
