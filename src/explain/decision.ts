import type { FailureHint, TokenOwner } from '../core/refusal';

/** What one check said. */
export interface Step {
  readonly check: string;
  readonly ok: boolean;
  /** What it was decided by; null where its name says it. */
  readonly detail: string | null;
}

/** What would be said to a request that is not made. */
export interface Decision<AStep extends Step = Step> {
  /** In their order, up to the one that refuses; all of them where none does. */
  readonly steps: readonly AStep[];
  /** Why it would be refused; null where it would be accepted. */
  readonly hint: FailureHint | null;
  /** Whose token it is about, where that is known. */
  readonly owner: TokenOwner | null;
}

/**
 * The checks up to the one that refuses.
 *
 * @param refusing null where none does
 */
export function stepsUpTo<Name extends string, AStep extends Step>(
  refusing: Name | null,
  checks: readonly Name[],
  stepOf: (check: Name, ok: boolean) => AStep,
): AStep[] {
  const end = refusing === null ? checks.length : checks.indexOf(refusing) + 1;
  return checks.slice(0, end).map((check) => stepOf(check, check !== refusing));
}
