import type { AllowedIpsMode, AuthMethod } from '../../core/token';
import type { StoredTrust } from '../../core/trust';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Revoked tokens have indexes of their own: lists show them only when asked for. */
const LISTED = '(revoked_at IS NULL)';
const REVOKED = '(revoked_at IS NOT NULL)';

const KEY = { primaryKeyConstraintName: 'pk_scim_tokens' };

/**
 * The token an administrator manages: everything the API shows of it but its use.
 * Secrets, usage and history lie in tables of their own, so that each is written at its own pace.
 */
@Entity({ name: 'scim_tokens' })
@Index('ix_scim_tokens_id', ['id'])
@Index('ix_scim_tokens_tenant_created', ['tenantId', 'createdAt', 'id'], {
  where: LISTED,
})
@Index('ix_scim_tokens_created', ['createdAt', 'id'], { where: LISTED })
@Index('ix_scim_tokens_tenant_created_revoked', ['tenantId', 'createdAt', 'id'], {
  where: REVOKED,
})
@Index('ix_scim_tokens_created_revoked', ['createdAt', 'id'], {
  where: REVOKED,
})
@Index('ix_scim_tokens_tenant_name', ['tenantId', 'name', 'id'], { where: LISTED })
@Index('ix_scim_tokens_name', ['name', 'id'], { where: LISTED })
@Index('ix_scim_tokens_tenant_name_revoked', ['tenantId', 'name', 'id'], { where: REVOKED })
@Index('ix_scim_tokens_name_revoked', ['name', 'id'], { where: REVOKED })
// By `coalesce(expires_at, 'infinity')`, which TypeORM has no word for.
@Index('ix_scim_tokens_tenant_expires', { synchronize: false })
@Index('ix_scim_tokens_expires', { synchronize: false })
@Index('ix_scim_tokens_tenant_expires_revoked', { synchronize: false })
@Index('ix_scim_tokens_expires_revoked', { synchronize: false })
@Index('ix_scim_tokens_unannounced', ['expiresAt'], {
  where:
    '((revoked_at IS NULL) AND ((announced_days IS DISTINCT FROM 0) OR (announced_expires_at IS DISTINCT FROM expires_at)))',
})
@Check('ck_scim_tokens_allowed_ips_mode', "allowed_ips_mode IN ('enforce', 'report')")
@Index('ix_scim_tokens_revoked', ['revokedAt'], { where: REVOKED })
@Index('ix_scim_tokens_watched', ['tenantId', 'id'], {
  where:
    '((revoked_at IS NULL) AND ((health_state IS NOT NULL) OR (quiet_after_hours IS NOT NULL)))',
})
@Check('ck_scim_tokens_health_state', "health_state IN ('failing', 'quiet')")
@Check('ck_scim_tokens_scopes', 'cardinality(scopes) > 0')
@Check(
  'ck_scim_tokens_auth_method',
  "auth_method IN ('bearer', 'client_credentials', 'workload_identity')",
)
@Check(
  'ck_scim_tokens_access_token_ttl_seconds',
  "(access_token_ttl_seconds IS NULL) = (auth_method = 'bearer')",
)
@Check('ck_scim_tokens_trust', "(trust IS NOT NULL) = (auth_method = 'workload_identity')")
@Check('ck_scim_tokens_expires_at', "expires_at IS NOT NULL OR auth_method = 'workload_identity'")
export class ScimToken {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  /** UUID v7, made by us: the API shows it as `sct_…`. */
  @PrimaryColumn('uuid', KEY)
  id: string;

  @Column('varchar', { name: 'name', length: 255 })
  name: string;

  @Column('varchar', { name: 'description', length: 1000, nullable: true })
  description: string | null;

  /** How whoever holds it proves itself; never changed. */
  @Column('varchar', { name: 'auth_method', length: 32, default: 'bearer' })
  authMethod: AuthMethod;

  /** Seconds that an access token lives; null where there are none. */
  @Column('integer', { name: 'access_token_ttl_seconds', nullable: true })
  accessTokenTtlSeconds: number | null;

  /** Whose assertions it takes; null where it takes none. */
  @Column('jsonb', { name: 'trust', nullable: true })
  trust: StoredTrust | null;

  /** Visible start of the current secret's value; null for imported values, and where there is no secret. */
  @Column('varchar', { name: 'token_prefix', length: 64, nullable: true })
  tokenPrefix: string | null;

  @Column('varchar', { name: 'last_four', length: 4, nullable: true })
  lastFour: string | null;

  @Column('text', { name: 'scopes', array: true })
  scopes: string[];

  /** Canonical CIDR networks; empty means from anywhere. */
  @Column('text', { name: 'allowed_ips', array: true })
  allowedIps: string[];

  @Column('varchar', { name: 'allowed_ips_mode', length: 8, default: 'enforce' })
  allowedIpsMode: AllowedIpsMode;

  @Column('boolean', { name: 'enabled' })
  enabled: boolean;

  /** Null only where there is nothing to rotate. */
  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt: Date;

  @Column('varchar', { name: 'created_by', length: 255 })
  createdBy: string;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt: Date | null;

  @Column('varchar', { name: 'revoked_by', length: 255, nullable: true })
  revokedBy: string | null;

  @Column('varchar', { name: 'revocation_reason', length: 1000, nullable: true })
  revocationReason: string | null;

  /** Counts the changes an administrator made; usage does not touch it. */
  @Column('integer', { name: 'version' })
  version: number;

  /** When the old secret of the rotation under way ends; null where none is. */
  @Column({ type: 'timestamptz', name: 'rotation_ends_at', precision: 3, nullable: true })
  rotationEndsAt: Date | null;

  /** When the expiry was set; null where it is the one it was made with. */
  @Column({ type: 'timestamptz', name: 'expiry_set_at', precision: 3, nullable: true })
  expirySetAt: Date | null;

  /** Which expiry was announced last: another one has not been announced at all. */
  @Column({ type: 'timestamptz', name: 'announced_expires_at', precision: 3, nullable: true })
  announcedExpiresAt: Date | null;

  /** How many days before that expiry; 0 when it had come. */
  @Column('smallint', { name: 'announced_days', nullable: true })
  announcedDays: number | null;

  /** Which identity provider holds it; null where nobody said. */
  @Column('varchar', { name: 'provider', length: 64, nullable: true })
  provider: string | null;

  /** Hours without a use after which it is quiet; null where it never is. */
  @Column('integer', { name: 'quiet_after_hours', nullable: true })
  quietAfterHours: number | null;

  /** What the scan found wrong; null where nothing is. */
  @Column('varchar', { name: 'health_state', length: 16, nullable: true })
  healthState: 'failing' | 'quiet' | null;

  /** Since when; null where nothing ever was. */
  @Column({ type: 'timestamptz', name: 'health_since', precision: 3, nullable: true })
  healthSince: Date | null;

  /** When it was last brought back from its end, or switched on or off; null where it never was. */
  @Column({ type: 'timestamptz', name: 'live_since', precision: 3, nullable: true })
  liveSince: Date | null;
}
