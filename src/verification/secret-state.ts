import type { AllowedIpsMode, ScimScope } from '../core/token';
import { hash } from 'node:crypto';
import type { SecretMac } from '../secrets/secret-hasher';
import type { TokenOwner } from '../core/refusal';

/** A secret with its token, as a check needs them. Times are milliseconds since 1970. */
export interface SecretState extends TokenOwner {
  readonly secretId: string;
  /** Digest of the hash of record: a proof holds while it is the one it was made against. */
  readonly hashDigest: string;
  readonly scopes: readonly ScimScope[];
  /** Canonical CIDR networks; empty: from anywhere. */
  readonly allowedIps: readonly string[];
  readonly allowedIpsMode: AllowedIpsMode;
  readonly enabled: boolean;
  readonly revoked: boolean;
  /** When the secret was made. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** When a rotation ends this secret, long ago where it has; null for the current one. */
  readonly endsAt: number | null;
}

/** What one read returns: the state, and the hashes that a first check needs beside it. */
export interface StoredSecret {
  readonly state: SecretState;
  /** bcrypt of the random part, empty for an imported one. */
  readonly secretHash: string;
  readonly mac: SecretMac;
  /** How the one value begins that was minted with this secret: it is kept with the secret once that has ended. */
  readonly visiblePrefix: string | null;
  /** Found by the digest of the whole value, which proves it: there is nothing else to compare. */
  readonly isImported: boolean;
}

/** The columns behind a {@link SecretState}. */
export interface SecretStateRow {
  readonly secret_id: string;
  readonly format: 'native' | 'sha256';
  readonly secret_hash: string | null;
  readonly secret_mac: string | null;
  readonly pepper_id: string | null;
  readonly visible_prefix: string | null;
  readonly token_id: string;
  readonly tenant_id: string;
  readonly scopes: ScimScope[];
  readonly allowed_ips: string[];
  readonly allowed_ips_mode: AllowedIpsMode;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly issued_at: Date;
  readonly expires_at: Date | null;
  readonly ends_at: Date | null;
}

/** Enough that two hashes never share one, and shorter than they are: a hundred thousand are remembered. */
const HASH_DIGEST_BYTES = 16;

/** Builds the state field by field. */
export function toSecretState(row: SecretStateRow): SecretState {
  return {
    secretId: row.secret_id,
    hashDigest: hash('sha256', row.secret_hash ?? '', 'buffer').toString(
      'latin1',
      0,
      HASH_DIGEST_BYTES,
    ),
    tokenId: row.token_id,
    tenantId: row.tenant_id,
    scopes: shared(row.scopes),
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
