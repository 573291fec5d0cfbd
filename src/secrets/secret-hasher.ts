import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { compare, hash } from 'bcrypt';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { BcryptQueue } from './bcrypt-queue';
import { mintSecret, type ParsedSecret } from './scim-token.secret';

/** A pepper: a key that lives outside the database, so that the database alone proves nothing. */
export interface Pepper {
  readonly key: KeyObject;
  /** First 16 hex digits of `HMAC(pepper, "scim-token-pepper-id")`: says which pepper made a MAC. */
  readonly id: string;
}

/** A MAC of a value, and which pepper made it. */
export interface SecretMac {
  /** HMAC-SHA-256 in hex of the whole value, or of the digest of an imported one; null without a pepper. */
  readonly secretMac: string | null;
  readonly pepperId: string | null;
}

/** What is stored of a secret; see `docs/decisions` on why both. */
export interface HashedSecret extends SecretMac {
  /** bcrypt of the random part. */
  readonly secretHash: string;
}

/** Hashes the values we mint, and says whether a presented value is the one that was hashed. */
@Injectable()
export class SecretHasher {
  private readonly pepper: Pepper | null;
  private readonly previous: Pepper | null;
  private readonly cost: number;
  private readonly prefix: string;

  constructor(
    @Inject(ResolvedScimTokensOptions)
    { bcryptCost, pepper, pepperPrevious, prefix }: Pick<ResolvedScimTokensOptions, 'bcryptCost' | 'pepper' | 'pepperPrevious' | 'prefix'>,
    private readonly queue: BcryptQueue,
  ) {
    this.cost = bcryptCost;
    this.prefix = prefix;
    this.pepper = pepper === null ? null : pepperFrom(pepper);
    this.previous = pepperPrevious === null ? null : pepperFrom(pepperPrevious);
  }

  /**
   * One bcrypt, off the event loop. Call it before a transaction begins, never inside.
   *
   * @throws ServiceUnavailableError where too many hashes wait already
   */
  async hash(secret: ParsedSecret): Promise<HashedSecret> {
    const secretHash = await this.queue.hash(() => hash(secret.random, this.cost));
    return { secretHash, ...this.mac(secret.value) };
  }

  /**
   * Mints a value of the configured prefix and hashes it.
   *
   * @throws ServiceUnavailableError where too many hashes wait already
   */
  async mint() {
    const minted = mintSecret(this.prefix);
    const { value, visiblePrefix, lookupId } = minted;
    const hashes = await this.hash(minted);
    const secret = { format: 'native' as const, lookupId, lastFour: value.slice(-4), ...hashes };
    return { value, prefix: visiblePrefix, secret };
  }

  /**
   * Whether a value is the one behind a stored secret. A MAC under a configured pepper decides alone, in
   * microseconds and at once; bcrypt decides where there is none, or one of a pepper that is not configured.
   *
   * @throws ServiceUnavailableError where too many bcrypts wait already
   */
  matches(secret: ParsedSecret, stored: HashedSecret): boolean | Promise<boolean> {
    const verdict = this.macDecides(secret.value, stored);
    if (verdict !== null) return verdict;
    return this.queue.check(secret.lookupId, () => compare(secret.random, stored.secretHash));
  }

  /** Whether a stored MAC is that of the text; null where there is none, or none of a configured pepper. */
  macDecides(text: string, { secretMac, pepperId }: SecretMac): boolean | null {
    const pepper = this.pepperOf(pepperId);
    return pepper && secretMac !== null ? equal(hmac(pepper.key, text), secretMac) : null;
  }

  /**
   * The MAC that a proven value should have instead of the stored one: where there was none, or the former
   * pepper's. Null where the stored one may stay; one of an unknown pepper always stays.
   */
  betterMac(text: string, { pepperId }: SecretMac): SecretMac | null {
    if (!this.pepper) return null;
    if (pepperId !== null && pepperId !== this.previous?.id) return null;
    return this.mac(text);
  }

  /** The MAC to store with a value or, where that is not known, with its digest; none without a pepper. */
  mac(text: string): SecretMac {
    if (!this.pepper) return { secretMac: null, pepperId: null };
    return { secretMac: hmac(this.pepper.key, text), pepperId: this.pepper.id };
  }

  private pepperOf(pepperId: string | null): Pepper | null {
    if (pepperId === null) return null;
    if (pepperId === this.pepper?.id) return this.pepper;
    return pepperId === this.previous?.id ? this.previous : null;
  }
}

/** Makes a key object once: HMAC with one is many times quicker than with a string. */
export function pepperFrom(pepper: string): Pepper {
  const key = createSecretKey(pepper, 'utf8');
  return { key, id: hmac(key, 'scim-token-pepper-id').slice(0, 16) };
}

function hmac(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function equal(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
