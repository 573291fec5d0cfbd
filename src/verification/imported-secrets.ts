import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import { RevocationChannel } from './revocation-channel';
import { TokenCache, type Reading } from './token-cache';
import { VerificationRepository } from './verification.repository';

/** Milliseconds after which the database is asked again whether there are imports, behind a request. */
const RECHECK_MS = 5_000;
/** A value that may have been imported: 16 to 512 printable ASCII characters. */
const IMPORTABLE = /^[\x20-\x7e]{16,512}$/;

/**
 * Knows whether a value of any form is worth a look into the database. While nothing was ever imported,
 * what is no value of ours is refused without a read.
 */
@Injectable()
export class ImportedSecrets implements OnApplicationBootstrap {
  private known = false;
  private checked: Reading | null = null;
  private checking: Promise<void> | null = null;

  constructor(
    private readonly cache: TokenCache,
    private readonly repository: VerificationRepository,
    private readonly channel: RevocationChannel,
  ) {}

  /** Once the channel listens: what was read before counts for nothing after it. */
  async onApplicationBootstrap(): Promise<void> {
    await this.channel.start();
    // Where the database is away, the first value that needs it asks again.
    await this.check().catch(() => undefined);
  }

  /** Whether the value may be an imported one, as far as is known already. */
  isKnown(value: string): boolean {
    return this.known && IMPORTABLE.test(value);
  }

  /** Whether the value may be an imported one; not a promise where that is known. */
  mayHold(value: string): boolean | Promise<boolean> {
    if (!IMPORTABLE.test(value)) return false;
    if (this.known) return true;
    if (!this.checked || !this.cache.isCurrent(this.checked, NOBODY)) {
      return this.check().then(() => this.known);
    }
    if (performance.now() - this.checked.at > RECHECK_MS) this.check().catch(() => undefined);
    return false;
  }

  /** Asks the database; requests that wait for it share one answer. */
  private check(): Promise<void> {
    this.checking ??= this.ask().finally(() => {
      this.checking = null;
    });
    return this.checking;
  }

  private async ask(): Promise<void> {
    const reading = this.cache.begin();
    this.known = await this.repository.hasImported();
    this.checked = reading;
  }
}
