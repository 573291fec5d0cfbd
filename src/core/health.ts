import { HOUR_MS } from './clock';
import { tokenStatus, type TokenRow } from './token';

/** How a connection can be. */
export const HEALTH_STATES = ['unused', 'ok', 'failing', 'quiet', 'ended'] as const;

/** One of {@link HEALTH_STATES}. */
export type HealthState = (typeof HEALTH_STATES)[number];

/** How a connection is. */
export interface Health {
  readonly state: HealthState;
  readonly since: Date;
  /** The hint of the last refusal where it is failing, whole hours since the last use where it is quiet. */
  readonly detail: string | number | null;
}

/** What is read of a connection's health besides what its token's status is derived from. */
type HealthRow = Pick<
  TokenRow,
  | 'created_at'
  | 'updated_at'
  | 'revoked_at'
  | 'expires_at'
  | 'enabled'
  | 'health_state'
  | 'health_since'
  | 'first_used_at'
  | 'last_used_at'
  | 'last_failure_reason'
  | 'last_failure_hint'
>;

/** How a connection is as of `now`, by what the scan found of it: failing and quiet are late by that. */
export function healthOf(row: HealthRow, now: Date): Health {
  const status = tokenStatus(row, now);
  if (status !== 'active') {
    const end =
      status === 'revoked' ? row.revoked_at : status === 'expired' ? row.expires_at : null;
    return { state: 'ended', since: end ?? row.health_since ?? row.updated_at, detail: null };
  }
  const { health_state: state, health_since: since, last_used_at: lastUsedAt } = row;
  if (lastUsedAt === null) return { state: 'unused', since: row.created_at, detail: null };
  if (state === null) {
    const first = row.first_used_at ?? lastUsedAt;
    return { state: 'ok', since: since && since > first ? since : first, detail: null };
  }
  const detail =
    state === 'quiet'
      ? Math.max(0, Math.floor((now.getTime() - lastUsedAt.getTime()) / HOUR_MS))
      : (row.last_failure_hint ?? row.last_failure_reason);
  return { state, since: since ?? lastUsedAt, detail };
}
