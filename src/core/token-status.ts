import type { TokenStatus } from './scim-token.constants';

/** What a token's status is derived from. */
interface Lifetime {
  readonly revoked_at: Date | null;
  readonly expires_at: Date;
  readonly enabled: boolean;
}

/** Derives the status as of `now`: revoked, then expired, then disabled, then active. */
export function tokenStatus(token: Lifetime, now: Date): TokenStatus {
  if (token.revoked_at !== null) return 'revoked';
  if (token.expires_at.getTime() <= now.getTime()) return 'expired';
  return token.enabled ? 'active' : 'disabled';
}
