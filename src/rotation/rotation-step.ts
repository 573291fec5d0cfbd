import type { Changes } from '../ledger/audit-chain';
import type { TokenEventType } from '../core/token-event';
import type { RotationChanges } from './rotation.repository';

/** One step of a rotation, as it is recorded. */
export interface RotationStep {
  readonly now: Date;
  readonly event:
    'scim_token.rotated' | 'scim_token.rotation_completed' | 'scim_token.rotation_cancelled';
  readonly notice: TokenEventType;
  readonly changes: Changes;
}

/** The end of the old secret, as the trail tells it. */
export function previousChanges(from: Date | null, to: Date | null) {
  return {
    previous_expires_at: { from: from?.toISOString() ?? null, to: to?.toISOString() ?? null },
  };
}

/** What administrators see change of the token. */
export function faceChanges(from: RotationChanges, to: RotationChanges) {
  return {
    ...(from.token_prefix !== to.token_prefix && {
      token_prefix: { from: from.token_prefix, to: to.token_prefix },
    }),
    ...(from.last_four !== to.last_four && {
      last_four: { from: from.last_four, to: to.last_four },
    }),
    ...(from.expires_at.getTime() !== to.expires_at.getTime() && {
      expires_at: { from: from.expires_at.toISOString(), to: to.expires_at.toISOString() },
    }),
  };
}
