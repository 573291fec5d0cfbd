import { HOUR_MS } from '../core/clock';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Algorithm } from 'jsonwebtoken';
import { JwksClient, JwksError } from 'jwks-rsa';
import { AuthUnavailableError, InvalidTokenError } from '../core/errors';
import { fetchFailure, fetchJwkSet } from './fetch-jwk-set';
import { algorithmsOfPublicKey, type JwtKeyHeader, type JwtKeySource } from './jwt-key-source';

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

/** Which set, and how its keys are taken. */
export interface RemoteJwksOptions {
  readonly url: URL;
  /** The most that any key of the set may verify. */
  readonly algorithms: readonly Algorithm[];
  /** Milliseconds for which keys are taken that could not be read again. */
  readonly maxStaleMs: number;
  /** Monotonic time in milliseconds. */
  readonly now?: () => number;
}

/**
 * The keys behind a JWKS URL (RFC 7517). They are kept in memory, read again when a token names one we
 * do not know (at most once in 30 s) or when they are 10 minutes old, and kept through an outage, though
 * not for ever: a key may have been withdrawn meanwhile.
 */
export class RemoteJwks implements JwtKeySource {
  readonly algorithms: readonly Algorithm[];
  private readonly logger = new Logger(RemoteJwks.name);
  private readonly client: JwksClient;
  private keys: readonly VerificationKey[] | null = null;
  private readAt = -Infinity;
  private askedAt = -Infinity;
  private askedForUnknownAt = -Infinity;
  /** Since when the set could not be read; null while it can. */
  private failingSince: number | null = null;
  private readonly maxStaleMs: number;
  private readonly now: () => number;
  private reading: Promise<void> | null = null;

  constructor({ url, algorithms, maxStaleMs, now = () => performance.now() }: RemoteJwksOptions) {
    this.algorithms = algorithms;
    this.maxStaleMs = maxStaleMs;
    this.now = now;
    this.client = new JwksClient({
      jwksUri: url.href,
      cache: false,
      rateLimit: false,
      fetcher: async () => ({ keys: await fetchJwkSet(url) }),
    });
  }

  keyFor(header: JwtKeyHeader): KeyObject | Promise<KeyObject> {
    // Before any read: a token that no key could verify must not make us ask for keys.
    if (!(this.algorithms as readonly string[]).includes(header.alg)) {
      throw new InvalidTokenError('its algorithm is not accepted');
    }
    if (this.keys !== null && this.now() - this.readAt < REFRESH_AFTER_MS) {
      const key = this.find(header);
      if (key) return key;
    }
    return this.keyAfterReading(header);
  }

  /** Seconds since the set was last read, while it cannot be read; 0 while it can. */
  get staleSeconds(): number {
    if (this.failingSince === null) return 0;
    const since = Number.isFinite(this.readAt) ? this.readAt : this.failingSince;
    return (this.now() - since) / 1000;
  }

  /** Reads the set again where that failed last, behind the caller: an outage that is over must show. */
  lookAgain(): void {
    if (this.isWaitingForOutage()) return;
    if (this.failingSince !== null) void this.read();
  }

  private async keyAfterReading(header: JwtKeyHeader): Promise<KeyObject> {
    if (this.keys !== null && this.now() - this.readAt >= REFRESH_AFTER_MS) await this.refresh();
    if (this.now() - this.readAt >= this.maxStaleMs) this.giveKeysUp();
    const knew = this.keys !== null;
    if (!knew) await this.readFirst();
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
    if (!key) throw new InvalidTokenError('no key of the JWK set fits its kid');
    return key;
  }

  private async readFirst(): Promise<void> {
    await this.read(FIRST_SET_RETRY_MS - (this.now() - this.askedAt));
    if (this.keys === null) throw new AuthUnavailableError(1);
  }

  /** In an outage that has shown itself nobody waits for the next try. */
  private async refresh(): Promise<void> {
    if (this.isWaitingForOutage()) return;
    const read = this.read();
    if (this.failingSince === null) await read;
  }

  private isWaitingForOutage(): boolean {
    return this.failingSince !== null && this.now() - this.askedAt < ASK_AGAIN_AFTER_MS;
  }

  private giveKeysUp(): void {
    if (this.keys === null) return;
    this.keys = null;
    const hours = this.maxStaleMs / HOUR_MS;
    this.logger.error(
      `The JWK set could not be read for ${hours} hours: its keys are taken no longer, JWTs are a 503`,
    );
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
      if (this.failingSince !== null) this.logger.warn('The JWK set is read again');
      this.failingSince = null;
    } catch (error) {
      this.noteFailure(error);
    }
  }

  /** Told once an outage; the metric goes on to tell. */
  private noteFailure(error: unknown): void {
    if (this.failingSince !== null) return;
    this.failingSince = this.now();
    const consequence =
      this.keys === null
        ? 'JWTs are a 503'
        : `the keys it had are taken until it was not read for ${this.maxStaleMs / HOUR_MS} hours, withdrawn ones too`;
    this.logger.warn(`The JWK set cannot be read (${fetchFailure(error)}): ${consequence}`);
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
