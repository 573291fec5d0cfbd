import type { QualifiedTables } from './table-names';

/** What a `TokenRow` is read from, in {@link tokenSource}. */
export const TOKEN_COLUMNS = `t.id, t.tenant_id, t.name, t.description, t.token_prefix, t.last_four, t.scopes, t.allowed_ips,
  t.allowed_ips_mode, t.enabled, t.expires_at, t.created_at, t.updated_at, t.created_by, t.revoked_at, t.revoked_by,
  t.revocation_reason, t.version, t.rotation_ends_at, u.last_used_at, u.last_used_ip, u.last_used_user_agent,
  u.last_failure_at, u.last_failure_reason, u.ip_refused, u.ip_refused_last_ip, u.ip_refused_last_at`;

/** Tokens as `t` with their usage as `u`. */
export function tokenSource({ tokens, usage }: QualifiedTables): string {
  return `${tokens} t LEFT JOIN ${usage} u ON u.tenant_id = t.tenant_id AND u.token_id = t.id`;
}
