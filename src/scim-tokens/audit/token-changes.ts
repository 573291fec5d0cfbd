import type { TokenRow } from '../token-row';
import type { Changes } from './audit-chain';

/** The fields an administrator sets, as the API shows them. */
const AUDITED = [
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

function shown(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
