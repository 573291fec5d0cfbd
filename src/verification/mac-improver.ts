import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { SecretHasher, type SecretMac } from '../secrets/secret-hasher';
import { VerificationRepository } from './verification.repository';

/** Milliseconds between two improvements of one secret's MAC, and how many secrets that is known of. */
const IMPROVE_EVERY_MS = 60_000;
const MAX_IMPROVED = 10_000;

/** Gives secrets that have just been proven the MAC of today's pepper, so that bcrypt is not asked again. */
@Injectable()
export class MacImprover {
  private readonly improved = new LRUCache<string, true>({
    max: MAX_IMPROVED,
    ttl: IMPROVE_EVERY_MS,
  });

  constructor(
    private readonly repository: VerificationRepository,
    private readonly hasher: SecretHasher,
  ) {}

  /**
   * Behind the request; where it fails, a later check tries again. Now and then, not once: while peppers are
   * swapped one instance after the other, those still to come turn the MAC back.
   *
   * @param text the proven value, or the digest of an imported one
   * @param stored its MAC as it stands
   */
  improve(
    secret: { readonly tenantId: string; readonly secretId: string },
    text: string,
    stored: SecretMac,
  ): void {
    const better = this.hasher.betterMac(text, stored);
    if (!better || this.improved.has(secret.secretId)) return;
    this.improved.set(secret.secretId, true);
    this.repository.replaceMac(secret, stored, better).catch(() => undefined);
  }
}
