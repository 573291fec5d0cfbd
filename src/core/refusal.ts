import type { FailureHint } from './failure-hints';

/** Why a token is refused; the caller of a SCIM route is told nothing of it. */
export const REFUSAL_REASONS = [
  'malformed',
  'unknown',
  'mismatch',
  'expired',
  'disabled',
  'revoked',
  'tenant_mismatch',
  'ip_not_allowed',
  'insufficient_scope',
] as const;

/** One of {@link REFUSAL_REASONS}. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Whose token a refused value is, where that is known. */
export interface TokenOwner {
  /** UUID of the token. */
  readonly tokenId: string;
  /** Tenant of the token. */
  readonly tenantId: string;
}

/** A token that is not accepted. Its text names the reason, never the value. */
export class ScimTokenRefusedError extends Error {
  constructor(
    /** For the log and the metrics, never for whoever sent the value. */
    readonly reason: RefusalReason,
    /** What an administrator probably did; says more than the reason where more is known. */
    readonly hint: FailureHint = reason,
    /** Null where the value is nobody's. */
    readonly owner: TokenOwner | null = null,
  ) {
    super(`SCIM token refused: ${reason}`);
    this.name = ScimTokenRefusedError.name;
  }
}
