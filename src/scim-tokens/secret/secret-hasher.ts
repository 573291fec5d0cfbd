import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Semaphore } from 'async-mutex';
import { hash } from 'bcrypt';
import { ServiceUnavailableError } from '../../common/errors';
import type { ParsedSecret } from './scim-token.secret';

/** A pepper: a key that lives outside the database, so that the database alone proves nothing. */
export interface Pepper {
  readonly key: KeyObject;
  /** First 16 hex digits of `HMAC(pepper, "scim-token-pepper-id")`: says which pepper made a MAC. */
  readonly id: string;
}

/** What is stored of a secret; see `docs/decisions` on why both. */
export interface HashedSecret {
  /** bcrypt of the random part. */
  readonly secretHash: string;
  /** HMAC-SHA-256 of the whole value in hex; null without a pepper. */
  readonly secretMac: string | null;
  readonly pepperId: string | null;
}

/** bcrypts at a time: each fills a core for some 50 ms, and one core is left to answer requests. */
const CONCURRENCY = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Most hashes that wait, some 3 seconds of work; who comes later is told to come back. */
const MAX_WAITING = 60;

/** Hashes the values we mint. */
export class SecretHasher {
  private readonly pepper: Pepper | null;
  private readonly slots = new Semaphore(CONCURRENCY);
  private waiting = 0;

  /**
   * @param cost bcrypt's cost, 10 to 14
   * @param pepper at least 32 bytes, or null
   */
  constructor(
    private readonly cost: number,
    pepper: string | null,
  ) {
    this.pepper = pepper === null ? null : pepperFrom(pepper);
  }

  /**
   * One bcrypt, off the event loop. Call it before a transaction begins, never inside.
   *
   * @throws ServiceUnavailableError where too many hashes wait already
   */
  async hash(secret: ParsedSecret): Promise<HashedSecret> {
    const secretHash = await this.inTurn(() => hash(secret.random, this.cost));
    if (!this.pepper) return { secretHash, secretMac: null, pepperId: null };
    return {
      secretHash,
      secretMac: hmac(this.pepper.key, secret.value),
      pepperId: this.pepper.id,
    };
  }

  private async inTurn(work: () => Promise<string>): Promise<string> {
    if (this.waiting >= MAX_WAITING) throw new ServiceUnavailableError();
    this.waiting += 1;
    try {
      return await this.slots.runExclusive(work);
    } finally {
      this.waiting -= 1;
    }
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
