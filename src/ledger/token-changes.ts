import type { TokenRow } from '../core/token-row';
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
] as const;

/** What an administrator sees change, from nothing where the token is new. */
export function changesOf(from: TokenRow | null, to: TokenRow): Changes {
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const field of AUDITED) {
    const before = from === null ? null : shown(from[field]);
    const after = shown(to[field]);
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      changes[field] = { from: before, to: after };
    }
  }
  return changes;
}

/** What is recorded of a new token: its fields, and the public parts of its first secret's value. */
export function creationOf(token: TokenRow): Changes {
  const { token_prefix, last_four } = token;
  return {
    ...changesOf(null, token),
    ...(token_prefix !== null && { token_prefix: { from: null, to: token_prefix } }),
    ...(last_four !== null && { last_four: { from: null, to: last_four } }),
  };
}

function shown(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
