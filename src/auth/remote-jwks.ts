import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';
import { JwksClient, JwksError } from 'jwks-rsa';
import { AuthUnavailableError, InvalidTokenError } from '../common/errors';
import { fetchJwkSet } from './fetch-jwk-set';
import { algorithmsOfPublicKey } from './jwt-algorithms';
import type { JwtKeyHeader, JwtKeySource } from './jwt-key-source';

/** Milliseconds after which a set in use is read again, so that a key taken out of it dies. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** Milliseconds between two reads for key ids we do not know, and between reads in an outage. */
const ASK_AGAIN_AFTER_MS = 30_000;
/** Milliseconds between two reads while no set was ever had. */
const FIRST_SET_RETRY_MS = 500;

interface VerificationKey {
  readonly kid: string | undefined;
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
}

/**
 * The keys behind a JWKS URL (RFC 7517). They are kept in memory, read again when a token names one we
 * do not know (at most once in 30 s) or when they are 10 minutes old, and kept through an outage.
 */
export class RemoteJwks implements JwtKeySource {
  private readonly client: JwksClient;
  private keys: readonly VerificationKey[] | null = null;
  private readAt = -Infinity;
  private askedAt = -Infinity;
  private askedForUnknownAt = -Infinity;
  private lastFailed = false;
  private reading: Promise<void> | null = null;

  /**
   * @param algorithms the most that any key of the set may verify
   * @param now monotonic time in milliseconds
   */
  constructor(
    url: URL,
    readonly algorithms: readonly Algorithm[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.client = new JwksClient({
      jwksUri: url.href,
      cache: false,
      rateLimit: false,
      fetcher: async () => ({ keys: await fetchJwkSet(url) }),
    });
  }

  keyFor(header: JwtKeyHeader): KeyObject | Promise<KeyObject> {
    // Before any read: a token that no key could verify must not make us ask for keys.
    if (!(this.algorithms as readonly string[]).includes(header.alg)) throw new InvalidTokenError();
    if (this.keys !== null && this.now() - this.readAt < REFRESH_AFTER_MS) {
      const key = this.find(header);
      if (key) return key;
    }
    return this.keyAfterReading(header);
  }

  private async keyAfterReading(header: JwtKeyHeader): Promise<KeyObject> {
    const knew = this.keys !== null;
    if (this.keys === null) await this.readFirst();
    else if (this.now() - this.readAt >= REFRESH_AFTER_MS) await this.refresh();
    let key = this.find(header);
    if (key) return key;
    const asked = this.now();
    if (!knew) this.askedForUnknownAt = asked;
    if (this.reading) {
      await this.reading;
      key = this.find(header);
    } else if (asked - this.askedForUnknownAt >= ASK_AGAIN_AFTER_MS) {
      this.askedForUnknownAt = asked;
      await this.read();
      key = this.find(header);
    }
    if (!key) throw new InvalidTokenError();
    return key;
  }

  private async readFirst(): Promise<void> {
    await this.read(FIRST_SET_RETRY_MS - (this.now() - this.askedAt));
    if (this.keys === null) throw new AuthUnavailableError(1);
  }

  /** In an outage that has shown itself nobody waits for the next try. */
  private async refresh(): Promise<void> {
    if (this.lastFailed && this.now() - this.askedAt < ASK_AGAIN_AFTER_MS) return;
    const read = this.read();
    if (!this.lastFailed) await read;
  }

  /** One read at a time; never rejects. */
  private read(delayMs = 0): Promise<void> {
    return (this.reading ??= this.readOnce(delayMs).finally(() => {
      this.reading = null;
    }));
  }

  private async readOnce(delayMs: number): Promise<void> {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    this.askedAt = this.now();
    try {
      this.keys = await this.signingKeys();
      this.readAt = this.now();
      this.lastFailed = false;
    } catch {
      this.lastFailed = true;
    }
  }

  private async signingKeys(): Promise<VerificationKey[]> {
    const keys = await this.client.getSigningKeys().catch((error: unknown) => {
      // The set was read, and holds no key we could use: the former ones are gone.
      if (error instanceof JwksError) return [];
      throw error;
    });
    return keys.flatMap((signingKey) => {
      const { kid, alg } = signingKey;
      const key = createPublicKey(signingKey.getPublicKey());
      const algorithms = algorithmsOfPublicKey(key).filter((name) => !alg || name === alg);
      return algorithms.length > 0 ? [{ kid, key, algorithms }] : [];
    });
  }

  /** A token without a key id is only unambiguous where there is one key (RFC 7515 §4.1.4). */
  private find({ alg, kid }: JwtKeyHeader): KeyObject | undefined {
    const keys = this.keys ?? [];
    if (kid === undefined && keys.length !== 1) return undefined;
    return keys.find(
      (key) => (kid === undefined || key.kid === kid) && key.algorithms.includes(alg),
    )?.key;
  }
}
