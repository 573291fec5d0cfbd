import type { FailureHint, PresentedClaims } from '../../core/refusal';

/** An assertion that proves nothing. Its text holds nothing of it. */
export class AssertionRefusedError extends Error {
  constructor(
    /** What an administrator is told. */
    readonly hint: FailureHint,
    /** What it said; null where its signature is not known to be good. */
    readonly claims: PresentedClaims | null = null,
  ) {
    super(`Assertion refused: ${hint}`);
    this.name = AssertionRefusedError.name;
  }
}
