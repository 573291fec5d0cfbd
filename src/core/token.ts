import type { IdentityProviderId } from './identity-providers';
import type { StoredTrust } from './trust';

/** What a token may do on the SCIM routes; a token made without a choice may do all. */
export const SCIM_SCOPES = ['users:read', 'users:write', 'groups:read', 'groups:write'] as const;

/** One of {@link SCIM_SCOPES}. */
export type ScimScope = (typeof SCIM_SCOPES)[number];

/** What the allowed networks do: refuse others' requests, or only count what would have been refused. */
export const ALLOWED_IPS_MODES = ['enforce', 'report'] as const;

/** One of {@link ALLOWED_IPS_MODES}. */
export type AllowedIpsMode = (typeof ALLOWED_IPS_MODES)[number];

/**
 * How whoever holds a token proves itself: by its value, or at the token endpoint, where it gets access tokens
 * for a client secret of ours or for an assertion that its own identity provider signed.
 */
export const AUTH_METHODS = ['bearer', 'client_credentials', 'workload_identity'] as const;

/** One of {@link AUTH_METHODS}. */
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** Whether a text is one of {@link SCIM_SCOPES}. */
export function isScimScope(text: string): text is ScimScope {
  return (SCIM_SCOPES as readonly string[]).includes(text);
}

/** The states of a token, as derived from its row and the time. */
export const TOKEN_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;

/** One of {@link TOKEN_STATUSES}. */
export type TokenStatus = (typeof TOKEN_STATUSES)[number];

/** Where a rotation stands: what is known of the token's two secrets. */
export interface RotationRow {
  readonly started_at: Date;
  readonly previous_last_four: string | null;
  readonly previous_expires_at: Date;
  readonly previous_last_used_at: Date | null;
  readonly new_first_used_at: Date | null;
}

/** A row of the tokens' table. */
export interface StoredToken {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly token_prefix: string | null;
  readonly last_four: string | null;
  readonly scopes: string[];
  readonly allowed_ips: string[];
  readonly allowed_ips_mode: AllowedIpsMode;
  readonly enabled: boolean;
  /** Null only for workload_identity, where there is nothing to rotate. */
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly created_by: string;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
  readonly revocation_reason: string | null;
  readonly version: number;
  /** When the old secret of the rotation under way ends; null where none is. */
  readonly rotation_ends_at: Date | null;
  readonly auth_method: AuthMethod;
  /** Null for bearer. */
  readonly access_token_ttl_seconds: number | null;
  /** Null but for workload_identity. */
  readonly trust: StoredTrust | null;
  readonly provider: IdentityProviderId | null;
  /** Null where no silence is too long. */
  readonly quiet_after_hours: number | null;
  /** What the scan found wrong; null where nothing is. */
  readonly health_state: 'failing' | 'quiet' | null;
  /** Since when; null where nothing ever was. */
  readonly health_since: Date | null;
  /** When it was last brought back from its end, or switched on or off; null where it never was. */
  readonly live_since: Date | null;
}

/** Each of them, or it does not compile. */
const COLUMNS: Readonly<Record<keyof StoredToken, true>> = {
  id: true,
  tenant_id: true,
  name: true,
  description: true,
  token_prefix: true,
  last_four: true,
  scopes: true,
  allowed_ips: true,
  allowed_ips_mode: true,
  enabled: true,
  expires_at: true,
  created_at: true,
  updated_at: true,
  created_by: true,
  revoked_at: true,
  revoked_by: true,
  revocation_reason: true,
  version: true,
  rotation_ends_at: true,
  auth_method: true,
  access_token_ttl_seconds: true,
  trust: true,
  provider: true,
  quiet_after_hours: true,
  health_state: true,
  health_since: true,
  live_since: true,
};

/** Columns of a {@link StoredToken}. */
export const STORED_COLUMNS = Object.keys(COLUMNS) as readonly (keyof StoredToken)[];

/** What a token that was just made has without anyone's saying so. */
export const UNTOUCHED = {
  enabled: true,
  revoked_at: null,
  revoked_by: null,
  revocation_reason: null,
  version: 1,
  rotation_ends_at: null,
  health_state: null,
  health_since: null,
  live_since: null,
} as const satisfies Partial<StoredToken>;

/** When and from where a token was used. */
export interface TokenUsage {
  readonly first_used_at: Date | null;
  readonly last_used_at: Date | null;
  readonly last_used_ip: string | null;
  readonly last_used_user_agent: string | null;
  readonly last_failure_at: Date | null;
  readonly last_failure_reason: string | null;
  readonly last_failure_hint: string | null;
  /** When the first of the failures came that no use has followed; null where none is such. */
  readonly failing_since: Date | null;
  /** Requests that enforcing would have refused: a bigint, which the driver hands on as text. */
  readonly ip_refused: string | null;
  readonly ip_refused_last_ip: string | null;
  readonly ip_refused_last_at: Date | null;
}

/** A usage that there is nothing of; names the columns, too. */
export const NO_USAGE: TokenUsage = Object.freeze({
  first_used_at: null,
  last_used_at: null,
  last_used_ip: null,
  last_used_user_agent: null,
  last_failure_at: null,
  last_failure_reason: null,
  last_failure_hint: null,
  failing_since: null,
  ip_refused: null,
  ip_refused_last_ip: null,
  ip_refused_last_at: null,
});

/** A token as the API's answers need it: its row and its usage, in column names. */
export interface TokenRow extends StoredToken, TokenUsage {
  /** Read for tokens under rotation alone. */
  readonly rotation?: RotationRow | null;
}

/** A token as a write finds it, with its current secret's creation, from which its lifetime counts. */
export interface LockedToken extends TokenRow {
  /** Null where it has no secret. */
  readonly secret_created_at: Date | null;
  readonly secret_last_used_at: Date | null;
}

/** What a token's status is derived from. */
interface Lifetime {
  readonly revoked_at: Date | null;
  readonly expires_at: Date | null;
  readonly enabled: boolean;
}

/** Derives the status as of `now`: revoked, then expired, then disabled, then active. */
export function tokenStatus(token: Lifetime, now: Date): TokenStatus {
  if (token.revoked_at !== null) return 'revoked';
  if (token.expires_at !== null && token.expires_at <= now) return 'expired';
  return token.enabled ? 'active' : 'disabled';
}

const ID = /^(.+)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** A UUID as the API shows it: a word for what it is of, and 32 hex digits. */
export function toId(kind: string, uuid: string): string {
  return `${kind}_${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(14, 18)}${uuid.slice(19, 23)}${uuid.slice(24)}`;
}

/** The UUID behind an id from a request, or null for whatever cannot be one of that kind. */
export function idFrom(kind: string, id: string): string | null {
  const [, found, ...parts] = ID.exec(id) ?? [];
  return found === kind ? parts.join('-') : null;
}

/** A token's UUID as the API shows it: `sct_` and 32 hex digits. */
export function toTokenId(uuid: string): string {
  return toId('sct', uuid);
}

/** An audit entry's UUID as the API shows it: `evt_` and 32 hex digits. */
export function toEventId(uuid: string): string {
  return `evt_${uuid.replaceAll('-', '')}`;
}

/** The UUID behind an id from a request, or null for whatever cannot be one. */
export function fromTokenId(id: string): string | null {
  return idFrom('sct', id);
}
