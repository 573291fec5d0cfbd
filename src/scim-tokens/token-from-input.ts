import { daysAfter } from '../core/clock';
import { v7 as uuidV7 } from 'uuid';
import {
  NO_USAGE,
  type TokenRow,
  SCIM_SCOPES,
  type AllowedIpsMode,
  type ScimScope,
} from '../core/token';
import type { TokenPatch } from '../ledger/writes';
import type { UpdateScimTokenDto } from './dto/update-scim-token.dto';

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
    auth_method: 'bearer',
    access_token_ttl_seconds: null,
    trust: null,
    ...NO_USAGE,
  };
}

/** The columns that an administrator's change names, with what they are to become. */
export function wantedChanges(input: Readonly<UpdateScimTokenDto>, now: Date): TokenPatch {
  const { name, description, scopes, allowed_ips, allowed_ips_mode, enabled } = input;
  const { expires_in_days } = input;
  const expires_at =
    expires_in_days === undefined ? input.expires_at : daysAfter(now, expires_in_days);
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(scopes !== undefined && { scopes: [...scopes] }),
    ...(allowed_ips !== undefined && { allowed_ips: [...allowed_ips] }),
    ...(allowed_ips_mode !== undefined && { allowed_ips_mode }),
    ...(enabled !== undefined && { enabled }),
    ...(expires_at && { expires_at }),
  };
}
