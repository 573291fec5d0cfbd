import { toRotation } from '../rotation.response';
import { type TokenRow, toTokenId, tokenStatus } from '../../core/token';
import type { IpReportResponse, ScimTokenResponse } from './scim-token.response';

/** Where an answer carries the token's version: a symbol, so that no body shows it. */
const VERSION = Symbol('scim-tokens.version');

/** The version of the token that {@link toScimToken} made this answer of. */
export function versionOf(token: ScimTokenResponse & { readonly [VERSION]?: number }): number {
  const version = token[VERSION];
  if (version === undefined) throw new Error('This is not an answer made of a token');
  return version;
}

function toIpReport({
  ip_refused: refused,
  ip_refused_last_at: lastAt,
  ip_refused_last_ip: lastIp,
}: TokenRow): IpReportResponse | null {
  if (refused === null || lastAt === null) return null;
  return { refused: Number(refused), last_ip: lastIp, last_at: lastAt.toISOString() };
}

/** Builds the answer field by field, so that a new column cannot leak by default. */
export function toScimToken(row: TokenRow, now: Date): ScimTokenResponse {
  const token: ScimTokenResponse & { readonly [VERSION]: number } = {
    [VERSION]: row.version,
    id: toTokenId(row.id),
    tenant_id: row.tenant_id,
    name: row.name,
    description: row.description,
    token_prefix: row.token_prefix,
    last_four: row.last_four,
    scopes: row.scopes,
    allowed_ips: row.allowed_ips,
    status: tokenStatus(row, now),
    enabled: row.enabled,
    expires_at: row.expires_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    created_by: row.created_by,
    last_used_at: row.last_used_at?.toISOString() ?? null,
    last_used_ip: row.last_used_ip,
    last_used_user_agent: row.last_used_user_agent,
    last_failure_at: row.last_failure_at?.toISOString() ?? null,
    last_failure_reason: row.last_failure_reason,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    revoked_by: row.revoked_by,
    revocation_reason: row.revocation_reason,
    allowed_ips_mode: row.allowed_ips_mode,
    ip_report: toIpReport(row),
    rotation: toRotation(row, now),
  };
  return token;
}
