import type { RefusalReason } from '../core/refusal';

/** Counts of this process's checks since its start, for a metrics endpoint to read. */
export class VerificationStats {
  /** Accepted values. */
  acceptedCount = 0;
  /** Checks that could not be made: database or bcrypt queue. */
  unavailableCount = 0;
  /** Refused values by reason. */
  readonly refusedCounts = new Map<RefusalReason, number>();

  accepted(): void {
    this.acceptedCount += 1;
  }

  unavailable(): void {
    this.unavailableCount += 1;
  }

  refused(reason: RefusalReason): void {
    this.refusedCounts.set(reason, (this.refusedCounts.get(reason) ?? 0) + 1);
  }
}
