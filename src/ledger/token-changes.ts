import type { StoredToken } from '../core/token';
import type { Changes } from './audit-chain';

/** The fields an administrator sets, as the API shows them. */
export const AUDITED = [
  'name',
  'description',
  'scopes',
  'expires_at',
  'enabled',
  'allowed_ips',
  'allowed_ips_mode',
  'auth_method',
  'access_token_ttl_seconds',
  'trust',
  'provider',
  'quiet_after_hours',
] as const;

/** The public parts of the current secret's value. */
export const FACE = ['token_prefix', 'last_four'] as const;

/** What an administrator sees change, from nothing where the token is new. */
export function changesOf(from: StoredToken | null, to: StoredToken): Changes {
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const field of [...AUDITED, ...FACE]) {
    const before = from === null ? null : shown(from[field]);
    const after = shown(to[field]);
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      changes[field] = { from: before, to: after };
    }
  }
  return changes;
}

function shown(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
