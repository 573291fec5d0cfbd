import { createPublicKey, type KeyObject } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { JwksClient, JwksError } from 'jwks-rsa';
import { HOUR_MS } from '../core/clock';
import { AuthUnavailableError } from '../core/errors';
import { fetchFailure, fetchJwkSet, JWKS_TIMEOUT_MS, type Jwk } from './fetch-jwk-set';

/** Milliseconds between two reads for key ids we do not know, and between reads in an outage. */
const ASK_AGAIN_AFTER_MS = 30_000;
/** Milliseconds between two reads while no set was ever had. */
const FIRST_SET_RETRY_MS = 500;

interface VerificationKey {
  readonly kid: string | undefined;
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
  /** The key's own member of that name. */
  readonly issuer: unknown;
}

/** Which key a JWT asks for. */
export interface WantedKey {
  readonly alg: string;
  readonly kid?: string;
  /** Whether a key that names an issuer may be taken; any may without it. */
  readonly isOfIssuer?: (issuer: unknown) => boolean;
}

/** Which set, and how its keys are taken. */
export interface RemoteJwksOptions {
  readonly url: URL;
  /** What it is called in the log. */
  readonly name: string;
  /** Largest set in bytes. */
  readonly maxBytes: number;
  /** The algorithms that a key may verify; none where it is not taken. */
  readonly algorithmsOf: (key: KeyObject) => readonly string[];
  /** Milliseconds after which a set in use is read again, so that a key taken out of it dies. */
  readonly refreshAfterMs: number;
  /** Milliseconds for which keys are taken that could not be read again. */
  readonly maxStaleMs: number;
  /** Monotonic time in milliseconds. */
  readonly now?: () => number;
}

/**
 * The keys behind a JWKS URL (RFC 7517). They are kept in memory, read again when a token names one we
 * do not know (at most once in 30 s) or when they are old, and kept through an outage, though not for
 * ever: a key may have been withdrawn meanwhile.
 */
export class RemoteJwks {
  private readonly logger = new Logger(RemoteJwks.name);
  private readonly now: () => number;
  private keys: readonly VerificationKey[] | null = null;
  private readAt = -Infinity;
  private askedAt = -Infinity;
  private askedForUnknownAt = -Infinity;
  /** Since when the set could not be read; null while it can. */
  private failingSince: number | null = null;
  private reading: Promise<void> | null = null;

  constructor(private readonly options: RemoteJwksOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** Whether the last read failed: what we do not know may be there nevertheless. */
  get isFailing(): boolean {
    return this.failingSince !== null;
  }

  /** Seconds since the set was last read, while it cannot be read; 0 while it can. */
  get staleSeconds(): number {
    if (this.failingSince === null) return 0;
    const since = Number.isFinite(this.readAt) ? this.readAt : this.failingSince;
    return (this.now() - since) / 1000;
  }

  /** Whole seconds after which a key that we do not know is asked for again, at least 1. */
  get retryAfterSeconds(): number {
    const waited = this.now() - this.askedForUnknownAt;
    return Math.max(1, Math.ceil((ASK_AGAIN_AFTER_MS - waited) / 1000));
  }

  /** A key of a set that need not be read again, or null. */
  known(wanted: WantedKey): KeyObject | null {
    return this.now() - this.readAt < this.options.refreshAfterMs ? this.find(wanted) : null;
  }

  /** A key that is at hand, though its set may be due to be read again, or null. */
  atHand(wanted: WantedKey): KeyObject | null {
    return this.now() - this.readAt < this.options.maxStaleMs ? this.find(wanted) : null;
  }

  /**
   * The key for a token, or null where the set holds none. In an outage nobody waits for another's try.
   *
   * @throws AuthUnavailableError where no set could be had so far
   */
  async keyFor(wanted: WantedKey): Promise<KeyObject | null> {
    const { askedAt } = this;
    if (this.now() - this.readAt >= this.options.maxStaleMs) this.giveKeysUp();
    if (this.keys === null) await this.readFirst();
    else if (this.now() - this.readAt >= this.options.refreshAfterMs) await this.refresh();
    const key = this.find(wanted);
    if (key) return key;
    const asked = this.now();
    // A set that was read just now need not be read again.
    if (this.askedAt !== askedAt) this.askedForUnknownAt = asked;
    if (this.reading) {
      if (!this.isFailing) await this.reading;
    } else if (asked - this.askedForUnknownAt >= ASK_AGAIN_AFTER_MS) {
      this.askedForUnknownAt = asked;
      await this.read();
    }
    return this.find(wanted);
  }

  /** Reads the set again where that failed last, behind the caller: an outage that is over must show. */
  lookAgain(): void {
    if (this.isWaitingForOutage()) return;
    if (this.isFailing) void this.read();
  }

  private async readFirst(): Promise<void> {
    if (!this.reading || !this.isFailing) {
      await this.read(FIRST_SET_RETRY_MS - (this.now() - this.askedAt));
    }
    if (this.keys === null) throw new AuthUnavailableError(1);
  }

  /** In an outage that has shown itself nobody waits for the next try. */
  private async refresh(): Promise<void> {
    if (this.isWaitingForOutage()) return;
    const read = this.read();
    if (!this.isFailing) await read;
  }

  private isWaitingForOutage(): boolean {
    return this.isFailing && this.now() - this.askedAt < ASK_AGAIN_AFTER_MS;
  }

  private giveKeysUp(): void {
    if (this.keys === null) return;
    this.keys = null;
    const hours = this.options.maxStaleMs / HOUR_MS;
    this.logger.error(
      `${this.options.name} could not be read for ${hours} hours: its keys are taken no longer, JWTs are a 503`,
    );
  }

  /** One read at a time; never rejects. */
  private read(delayMs = 0): Promise<void> {
    return (this.reading ??= this.readOnce(Math.max(0, Math.ceil(delayMs))).finally(() => {
      this.reading = null;
    }));
  }

  private async readOnce(delayMs: number): Promise<void> {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    this.askedAt = this.now();
    try {
      this.keys = await this.verificationKeys(JWKS_TIMEOUT_MS - delayMs);
      this.readAt = this.now();
      if (this.isFailing) this.logger.warn(`${this.options.name} is read again`);
      this.failingSince = null;
    } catch (error) {
      this.noteFailure(error);
    }
  }

  /** Told once an outage; the metric goes on to tell. */
  private noteFailure(error: unknown): void {
    if (this.isFailing) return;
    this.failingSince = this.now();
    const { name, maxStaleMs } = this.options;
    const consequence =
      this.keys === null
        ? 'JWTs are a 503'
        : `the keys it had are taken until it was not read for ${maxStaleMs / HOUR_MS} hours, withdrawn ones too`;
    this.logger.warn(`${name} cannot be read (${fetchFailure(error)}): ${consequence}`);
  }

  /** Keys that we do not take are passed over: they do not spoil the set. */
  private async verificationKeys(timeoutMs: number): Promise<VerificationKey[]> {
    const { url, maxBytes } = this.options;
    const jwks = await fetchJwkSet(url, { maxBytes, timeoutMs });
    const issuers = [...new Set(jwks.map(({ issuer }) => issuer))];
    const keys = issuers.map((issuer) =>
      this.keysOf(
        issuer,
        jwks.filter((jwk) => jwk.issuer === issuer),
      ),
    );
    return (await Promise.all(keys)).flat();
  }

  /** The library does not hand a key's `issuer` on: it is given the keys of one at a time. */
  private async keysOf(issuer: unknown, jwks: readonly Jwk[]): Promise<VerificationKey[]> {
    const client = new JwksClient({
      jwksUri: this.options.url.href,
      cache: false,
      fetcher: () => Promise.resolve({ keys: jwks }),
    });
    const keys = await client.getSigningKeys().catch((error: unknown) => {
      // None of them is a key that verifies signatures.
      if (error instanceof JwksError) return [];
      throw error;
    });
    return keys.flatMap((signingKey) => {
      const { kid, alg } = signingKey;
      const key = createPublicKey(signingKey.getPublicKey());
      const algorithms = this.options.algorithmsOf(key).filter((name) => !alg || name === alg);
      return algorithms.length > 0 ? [{ kid, key, algorithms, issuer }] : [];
    });
  }

  /** A token without a key id is only unambiguous where there is one key (RFC 7515 §4.1.4). */
  private find({ alg, kid, isOfIssuer }: WantedKey): KeyObject | null {
    const keys = this.keys ?? [];
    if (kid === undefined && keys.length !== 1) return null;
    const found = keys.find(
      (key) =>
        (kid === undefined || key.kid === kid) &&
        key.algorithms.includes(alg) &&
        (key.issuer === undefined || !isOfIssuer || isOfIssuer(key.issuer)),
    );
    return found?.key ?? null;
  }
}
