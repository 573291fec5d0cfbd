import type { AllowedIpsMode, AuthMethod, ScimScope } from '../core/token';
import { hash } from 'node:crypto';
import type { SecretMac } from '../secrets/secret-hasher';
import type { UsedSecret } from '../usage/usage-buffer';

/** What a value is: its row says so, whatever its prefix. A client secret is good at the token endpoint alone. */
export type ValueKind = 'bearer' | 'client_secret' | 'access_token';

/** A secret or an access token with its token, as a check needs them. Times are milliseconds since 1970. */
export interface SecretState extends UsedSecret {
  readonly kind: ValueKind;
  /** Digest of the hash of record: a proof holds while it is the one it was made against. */
  readonly hashDigest: string;
  /** Of an access token those that it has in common with its token. */
  readonly scopes: readonly ScimScope[];
  /** Canonical CIDR networks; empty: from anywhere. */
  readonly allowedIps: readonly string[];
  readonly allowedIpsMode: AllowedIpsMode;
  readonly enabled: boolean;
  readonly revoked: boolean;
  /** When the secret or the access token was made. */
  readonly issuedAt: number;
  /** When the token expires; infinite where it never does. */
  readonly expiresAt: number;
  /** When an access token ends, or a rotation ends this secret, long ago where it has; null for the current one. */
  readonly endsAt: number | null;
}

/** What one read returns: the state, and the hashes that a first check needs beside it. */
export interface StoredSecret {
  readonly state: SecretState;
  /** bcrypt of the random part, empty for an imported one and for an access token. */
  readonly secretHash: string;
  readonly mac: SecretMac;
  /** How the one value begins that was minted with this secret: it is kept with the secret once that has ended. */
  readonly visiblePrefix: string | null;
  /** Found by the digest of the whole value, which proves it: there is nothing else to compare. */
  readonly isImported: boolean;
  /** SHA-256 in hex of the whole value, for an access token: no more is needed for 190 random bits. */
  readonly valueHash: string | null;
}

/** The columns of a token that are in each {@link SecretState}. */
interface TokenStateRow {
  readonly token_id: string;
  readonly tenant_id: string;
  readonly scopes: ScimScope[];
  readonly allowed_ips: string[];
  readonly allowed_ips_mode: AllowedIpsMode;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expires_at: Date | null;
  readonly issued_at: Date;
  readonly ends_at: Date | null;
}

/** The columns behind a secret's state. */
export interface SecretStateRow extends TokenStateRow {
  readonly auth_method: AuthMethod;
  readonly secret_id: string;
  readonly is_unused: boolean;
  readonly format: 'native' | 'sha256';
  readonly secret_hash: string | null;
  readonly secret_mac: string | null;
  readonly pepper_id: string | null;
  readonly visible_prefix: string | null;
}

/** The columns behind an access token's state. */
export interface AccessTokenStateRow extends TokenStateRow {
  readonly value_hash: string;
  readonly granted_scopes: ScimScope[];
}

/** A secret that was read, with what it is proven by. */
export function toStoredSecret(row: SecretStateRow): StoredSecret {
  const kind = row.auth_method === 'bearer' ? 'bearer' : 'client_secret';
  const { secret_id: secretId, is_unused: isUnused, secret_hash: hashOfRecord } = row;
  const secret = { kind, secretId, isUnused, hash: hashOfRecord ?? '' } as const;
  return {
    state: toState(row, secret, row.scopes),
    secretHash: hashOfRecord ?? '',
    mac: { secretMac: row.secret_mac, pepperId: row.pepper_id },
    visiblePrefix: row.visible_prefix,
    isImported: row.format === 'sha256',
    valueHash: null,
  };
}

/** The same for an access token. */
export function toStoredAccessToken(row: AccessTokenStateRow): StoredSecret {
  const { value_hash: valueHash, granted_scopes: granted, scopes } = row;
  // Whoever has it was seen when it was fetched.
  const use = { secretId: null, isUnused: false } as const;
  const accessToken = { kind: 'access_token', ...use, hash: valueHash } as const;
  const common = granted.filter((scope) => scopes.includes(scope));
  return {
    state: toState(row, accessToken, common),
    secretHash: '',
    mac: { secretMac: null, pepperId: null },
    visiblePrefix: null,
    isImported: false,
    valueHash,
  };
}

/** Enough that two hashes never share one, and shorter than they are: a hundred thousand are remembered. */
const HASH_DIGEST_BYTES = 16;

type Kind = Pick<SecretState, 'kind' | 'secretId' | 'isUnused'> & { readonly hash: string };

/** Builds the state field by field. */
function toState(
  row: TokenStateRow,
  { kind, secretId, isUnused, hash: ofRecord }: Kind,
  scopes: readonly ScimScope[],
): SecretState {
  return {
    kind,
    secretId,
    isUnused,
    hashDigest: hash('sha256', ofRecord, 'buffer').toString('latin1', 0, HASH_DIGEST_BYTES),
    tokenId: row.token_id,
    tenantId: row.tenant_id,
    scopes: shared(scopes),
    allowedIps: row.allowed_ips.length === 0 ? NO_NETWORKS : row.allowed_ips,
    // The constant, not the row's copy of it.
    allowedIpsMode: row.allowed_ips_mode === 'report' ? 'report' : 'enforce',
    enabled: row.enabled,
    revoked: row.revoked,
    issuedAt: row.issued_at.getTime(),
    expiresAt: row.expires_at?.getTime() ?? Infinity,
    endsAt: row.ends_at?.getTime() ?? null,
  };
}

const NO_NETWORKS: readonly string[] = Object.freeze([]);
const scopeLists = new Map<string, readonly ScimScope[]>();

/** One list for all tokens with the same scopes: a hundred thousand of them are remembered. */
function shared(scopes: readonly ScimScope[]): readonly ScimScope[] {
  const key = scopes.join(' ');
  const known = scopeLists.get(key) ?? Object.freeze([...scopes]);
  scopeLists.set(key, known);
  return known;
}
