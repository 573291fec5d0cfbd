import { v7 as uuidV7 } from 'uuid';
import { daysAfter } from '../core/time';
import { SCIM_SCOPES, type AllowedIpsMode, type ScimScope } from '../core/scim-token.constants';
import type { TokenRow } from '../core/token-row';

/** What an administrator says of a new token. */
interface NewTokenInput {
  readonly name: string;
  readonly description?: string | null;
  readonly scopes?: readonly ScimScope[];
  readonly allowed_ips?: readonly string[];
  readonly allowed_ips_mode?: AllowedIpsMode;
  readonly expires_at?: Date | null;
  readonly expires_in_days?: number | null;
}

/** What else a new token is made of. */
interface NewTokenParts {
  readonly tenantId: string;
  readonly actor: string | null;
  readonly now: Date;
  readonly defaultTtlDays: number;
  readonly tokenPrefix: string | null;
  readonly lastFour: string | null;
}

/** The row of a token that has just been made and never used, with the defaults of what was not said. */
export function newToken(
  { tenantId, actor, now, defaultTtlDays, tokenPrefix, lastFour }: NewTokenParts,
  input: Readonly<NewTokenInput>,
): TokenRow {
  const days = input.expires_in_days ?? defaultTtlDays;
  return {
    id: uuidV7({ msecs: now.getTime() }),
    tenant_id: tenantId,
    name: input.name,
    description: input.description ?? null,
    token_prefix: tokenPrefix,
    last_four: lastFour,
    scopes: [...(input.scopes ?? SCIM_SCOPES)],
    allowed_ips: [...(input.allowed_ips ?? [])],
    allowed_ips_mode: input.allowed_ips_mode ?? 'enforce',
    enabled: true,
    expires_at: input.expires_at ?? daysAfter(now, days),
    created_at: now,
    updated_at: now,
    created_by: actor ?? '',
    revoked_at: null,
    revoked_by: null,
    revocation_reason: null,
    version: 1,
    rotation_ends_at: null,
    last_used_at: null,
    last_used_ip: null,
    last_used_user_agent: null,
    last_failure_at: null,
    last_failure_reason: null,
    ip_refused: null,
    ip_refused_last_ip: null,
    ip_refused_last_at: null,
  };
}
