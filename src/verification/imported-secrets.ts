import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import type { Reading, VerificationMemory } from './verification-memory';
import type { VerificationRepository } from './verification.repository';

/** Milliseconds after which the database is asked again whether there are imports, behind a request. */
const RECHECK_MS = 5_000;
/** A value that may have been imported: 16 to 512 printable ASCII characters. */
const IMPORTABLE = /^[\x20-\x7e]{16,512}$/;

/**
 * Knows whether a value of any form is worth a look into the database. While nothing was ever imported,
 * what is no value of ours is refused without a read.
 */
export class ImportedSecrets {
  private known = false;
  private checked: Reading | null = null;
  private checking: Promise<void> | null = null;

  constructor(
    private readonly memory: VerificationMemory,
    private readonly repository: VerificationRepository,
  ) {}

  /** Whether the value may be an imported one; not a promise where that is known. */
  mayHold(value: string): boolean | Promise<boolean> {
    if (!IMPORTABLE.test(value)) return false;
    if (this.known) return true;
    if (!this.checked || !this.memory.isCurrent(this.checked, NOBODY)) {
      return this.check().then(() => this.known);
    }
    if (performance.now() - this.checked.at > RECHECK_MS) this.check().catch(() => undefined);
    return false;
  }

  /** Asks the database; requests that wait for it share one answer. */
  check(): Promise<void> {
    this.checking ??= this.ask().finally(() => {
      this.checking = null;
    });
    return this.checking;
  }

  private async ask(): Promise<void> {
    const reading = this.memory.begin();
    this.known = await this.repository.hasImported();
    this.checked = reading;
  }
}
