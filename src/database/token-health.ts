import type { HealthState } from '../core/health';
import { endOf } from './token-columns';

/**
 * Condition under which a token `t` may be used.
 *
 * @param now placeholder of the time
 */
export function isLive(now: string): string {
  return `t.revoked_at IS NULL AND t.enabled AND ${endOf('t')} > ${now}`;
}

/**
 * Condition under which a token `t` with its usage `u` is in a state, as `healthOf` has it.
 *
 * @param now placeholder of the time
 */
export function isOfHealth(state: HealthState, now: string): string {
  const live = isLive(now);
  switch (state) {
    case 'ended':
      return `NOT (${live})`;
    case 'unused':
      return `${live} AND u.last_used_at IS NULL`;
    case 'ok':
      return `${live} AND u.last_used_at IS NOT NULL AND t.health_state IS NULL`;
    default:
      return `${live} AND u.last_used_at IS NOT NULL AND t.health_state = '${state}'`;
  }
}
