import { Injectable } from '@nestjs/common';
import { healthOf } from '../../core/health';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { type TokenRow, toTokenId, tokenStatus } from '../../core/token';
import { acceptedAudiences, scimHostOf, type StoredTrust } from '../../core/trust';
import { TrustedIssuers } from '../../core/trusted-issuers';
import type { HealthResponse } from './health.response';
import { toRotation } from '../rotation.response';
import type {
  IpReportResponse,
  ScimTokenCreatedResponse,
  ScimTokenResponse,
} from './scim-token.response';
import type { TrustResponse } from './trust.dto';

/** Where an answer carries the token's version: a symbol, so that no body shows it. */
const VERSION = Symbol('scim-tokens.version');

/** The version of the token that {@link TokenAnswers} made this answer of. */
export function versionOf(token: ScimTokenResponse & { readonly [VERSION]?: number }): number {
  const version = token[VERSION];
  if (version === undefined) throw new Error('This is not an answer made of a token');
  return version;
}

/** Whether an answer is a token's. */
export function isTokenAnswer(answer: object): answer is ScimTokenResponse {
  return VERSION in answer;
}

function toIpReport({
  ip_refused: refused,
  ip_refused_last_at: lastAt,
  ip_refused_last_ip: lastIp,
}: TokenRow): IpReportResponse | null {
  if (refused === null || lastAt === null) return null;
  return { refused: Number(refused), last_ip: lastIp, last_at: lastAt.toISOString() };
}

/** How a connection is, as answers have it. */
export function toHealth(row: TokenRow, now: Date): HealthResponse {
  const { state, since, detail } = healthOf(row, now);
  return { state, since: since.toISOString(), detail };
}

/** What answers show of tokens. */
@Injectable()
export class TokenAnswers {
  constructor(
    private readonly issuers: TrustedIssuers,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /** Builds the answer field by field, so that a new column cannot leak by default. */
  of(row: TokenRow, now: Date): ScimTokenResponse {
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
      auth_method: row.auth_method,
      client_id: row.auth_method === 'bearer' ? null : toTokenId(row.id),
      access_token_ttl_seconds: row.access_token_ttl_seconds,
      trust: row.trust && this.trustOf(row.trust, row.tenant_id),
      provider: row.provider,
      quiet_after_hours: row.quiet_after_hours,
      health: toHealth(row, now),
    };
    return token;
  }

  /** The same with the value that was just minted: called what its holder is to use it as. */
  withValue(row: TokenRow, now: Date, value: string): ScimTokenCreatedResponse {
    const token = this.of(row, now);
    return row.auth_method === 'bearer'
      ? { ...token, token: value }
      : { ...token, client_secret: value };
  }

  private trustOf(trust: StoredTrust, tenantId: string): TrustResponse {
    const { issuer, subject, audience, tenant_id, authorized_party } = trust;
    const scimHost = scimHostOf(this.options.baseUrlTemplate, tenantId);
    return {
      issuer,
      subject,
      audience,
      tenant_id,
      authorized_party,
      jwks_uri: this.issuers.jwksUriOf(issuer),
      accepted_audiences: acceptedAudiences(audience, scimHost),
    };
  }
}
