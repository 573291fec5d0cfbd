import { daysAfter } from '../core/clock';
import { v7 as uuidV7 } from 'uuid';
import {
  NO_USAGE,
  type TokenRow,
  SCIM_SCOPES,
  UNTOUCHED,
  type AllowedIpsMode,
  type AuthMethod,
  type ScimScope,
} from '../core/token';
import { defaultQuietAfterHours, type IdentityProviderId } from '../core/identity-providers';
import type { TokenPatch } from '../ledger/writes';
import type { StoredTrust } from '../core/trust';
import { ACCESS_TOKEN_TTL_SECONDS } from './dto/connection-fields.decorator';
import type { TrustDto } from './dto/trust.dto';
import type { UpdateScimTokenDto } from './dto/update-scim-token.dto';

/** What is said of a new token. */
export interface NewTokenInput {
  readonly name: string;
  readonly description?: string | null;
  readonly scopes?: readonly ScimScope[];
  readonly allowed_ips?: readonly string[];
  readonly allowed_ips_mode?: AllowedIpsMode;
  readonly expires_at?: Date | null;
  readonly expires_in_days?: number | null;
  readonly auth_method?: AuthMethod;
  readonly access_token_ttl_seconds?: number | null;
  readonly trust?: Readonly<TrustDto> | null;
  readonly provider?: IdentityProviderId | null;
  readonly quiet_after_hours?: number | null;
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
  const { auth_method = 'bearer', expires_in_days, provider = null } = input;
  const isEndless =
    auth_method === 'workload_identity' && input.expires_at === null && !expires_in_days;
  const days = expires_in_days ?? defaultTtlDays;
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
    expires_at: isEndless ? null : (input.expires_at ?? daysAfter(now, days)),
    created_at: now,
    updated_at: now,
    created_by: actor ?? '',
    ...UNTOUCHED,
    auth_method,
    access_token_ttl_seconds:
      auth_method === 'bearer'
        ? null
        : (input.access_token_ttl_seconds ?? ACCESS_TOKEN_TTL_SECONDS),
    trust: input.trust ? storedTrust(input.trust) : null,
    provider,
    quiet_after_hours:
      input.quiet_after_hours === undefined
        ? defaultQuietAfterHours(provider)
        : input.quiet_after_hours,
    ...NO_USAGE,
  };
}

/** The columns that an administrator's change names, with what they are to become. */
export function wantedChanges(input: Readonly<UpdateScimTokenDto>, now: Date): TokenPatch {
  const { name, description, scopes, allowed_ips, allowed_ips_mode, enabled } = input;
  const { expires_in_days, access_token_ttl_seconds, trust, provider, quiet_after_hours } = input;
  const expires_at =
    expires_in_days === undefined ? input.expires_at : daysAfter(now, expires_in_days);
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(scopes !== undefined && { scopes: [...scopes] }),
    ...(allowed_ips !== undefined && { allowed_ips: [...allowed_ips] }),
    ...(allowed_ips_mode !== undefined && { allowed_ips_mode }),
    ...(enabled !== undefined && { enabled }),
    ...(expires_at !== undefined && { expires_at }),
    ...(access_token_ttl_seconds !== undefined && { access_token_ttl_seconds }),
    ...(trust && { trust: storedTrust(trust) }),
    ...(provider !== undefined && { provider }),
    ...(quiet_after_hours !== undefined && { quiet_after_hours }),
  };
}

/** In the order in which jsonb keeps the members: what is written is what is read. */
function storedTrust(trust: Readonly<TrustDto>): StoredTrust {
  const { issuer, subject, audience, tenant_id = null, authorized_party = null } = trust;
  return { issuer, subject, audience, tenant_id, authorized_party };
}
