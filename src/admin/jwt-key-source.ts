import type { KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';
import { InvalidTokenError } from '../core/errors';
import type { RemoteJwks } from '../jwks/remote-jwks';

/** Algorithms of a shared secret. */
export const SECRET_ALGORITHMS = ['HS256'] as const satisfies readonly Algorithm[];

/** What of a JWT's header may take part in choosing its key; `jku`, `jwk`, `x5u` and `x5c` never do. */
export interface JwtKeyHeader {
  readonly alg: string;
  readonly kid?: string;
}

/** Where the keys come from that verify admin JWTs. */
export abstract class JwtKeySource {
  /** @param algorithms every algorithm that any of its keys may verify */
  constructor(readonly algorithms: readonly Algorithm[]) {}

  /**
   * The key for a token.
   *
   * @throws InvalidTokenError where no key fits the header
   * @throws AuthUnavailableError where no key could be obtained so far
   */
  keyFor(header: JwtKeyHeader): KeyObject | Promise<KeyObject> {
    // Before any read: a token that no key could verify must not make us ask for keys.
    if (!(this.algorithms as readonly string[]).includes(header.alg)) {
      throw new InvalidTokenError('its algorithm is not accepted');
    }
    return this.find(header);
  }

  protected abstract find(header: JwtKeyHeader): KeyObject | Promise<KeyObject>;
}

/** One key, known from the start. It is kept as a KeyObject: parsing it per token costs 28 times as much. */
export class FixedKey extends JwtKeySource {
  constructor(
    private readonly key: KeyObject,
    algorithms: readonly Algorithm[],
  ) {
    super(algorithms);
  }

  protected find(): KeyObject {
    return this.key;
  }
}

/** The keys behind a JWKS URL. */
export class RemoteKeys extends JwtKeySource {
  constructor(
    readonly jwks: RemoteJwks,
    algorithms: readonly Algorithm[],
  ) {
    super(algorithms);
  }

  protected find(header: JwtKeyHeader): KeyObject | Promise<KeyObject> {
    return this.jwks.known(header) ?? this.read(header);
  }

  private async read(header: JwtKeyHeader): Promise<KeyObject> {
    const key = await this.jwks.keyFor(header);
    if (!key) throw new InvalidTokenError('no key of the JWK set fits its kid');
    return key;
  }
}
