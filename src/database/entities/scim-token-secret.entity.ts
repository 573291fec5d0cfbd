import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ScimToken } from './scim-token.entity';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_secrets' };
const TOKEN = { foreignKeyConstraintName: 'fk_scim_token_secrets_token' };

/**
 * One row a secret. A token has one secret without an end, and a second one that is about to end
 * while a rotation is under way.
 */
@Entity({ name: 'scim_token_secrets' })
@Index('uq_scim_token_secrets_lookup_id', ['lookupId', 'tenantId'], { unique: true })
@Index('uq_all_scim_token_secrets_lookup_id', ['lookupId'], { unique: true })
@Index('uq_scim_token_secrets_current', ['tenantId', 'tokenId'], {
  unique: true,
  where: '((expires_at IS NULL) AND (retired_at IS NULL))',
})
@Index('uq_scim_token_secrets_previous', ['tenantId', 'tokenId'], {
  unique: true,
  where: '((expires_at IS NOT NULL) AND (retired_at IS NULL))',
})
@Index('ix_scim_token_secrets_token', ['tenantId', 'tokenId', 'createdAt'])
@Index('ix_scim_token_secrets_imported', ['tenantId'], {
  where: "((format)::text = 'sha256'::text)",
})
@Check('ck_scim_token_secrets_format', "format IN ('native', 'sha256')")
@Check('ck_scim_token_secrets_hash', "format <> 'native' OR secret_hash IS NOT NULL")
export class ScimTokenSecret {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn('uuid', KEY)
  id: string;

  @Column('uuid', { name: 'token_id' })
  tokenId: string;

  @ManyToOne(() => ScimToken, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'tenant_id', referencedColumnName: 'tenantId', ...TOKEN },
    { name: 'token_id', referencedColumnName: 'id', ...TOKEN },
  ])
  token?: ScimToken;

  /** `native`: a value of ours; `sha256`: imported, known only by its digest. */
  @Column('varchar', { name: 'format', length: 16 })
  format: 'native' | 'sha256';

  /** Where a presented value is found: its lookup id, or the hex digest of an imported one. */
  @Column('varchar', { name: 'lookup_id', length: 64 })
  lookupId: string;

  /** bcrypt of the random part: the hash of record. */
  @Column('varchar', { name: 'secret_hash', length: 60, nullable: true, select: false })
  secretHash: string | null;

  /** HMAC-SHA-256 of the value under a pepper, in hex. */
  @Column('varchar', { name: 'secret_mac', length: 64, nullable: true, select: false })
  secretMac: string | null;

  @Column('varchar', { name: 'pepper_id', length: 16, nullable: true })
  pepperId: string | null;

  @Column('varchar', { name: 'last_four', length: 4, nullable: true })
  lastFour: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'first_used_at', precision: 3, nullable: true })
  firstUsedAt: Date | null;

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  lastUsedAt: Date | null;

  /** Set when a rotation gives the secret an end. */
  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt: Date | null;

  @Column({ type: 'timestamptz', name: 'retired_at', precision: 3, nullable: true })
  retiredAt: Date | null;

  /** The token's expiry before a rotation put an end to this secret: it comes back with it. */
  @Column({ type: 'timestamptz', name: 'former_expires_at', precision: 3, nullable: true })
  formerExpiresAt: Date | null;

  /** The token's visible prefix while this secret was its current one; null while it is, and for imported ones. */
  @Column('varchar', { name: 'former_token_prefix', length: 64, nullable: true })
  formerTokenPrefix: string | null;

  /** When it was told that the change-over has not happened. */
  @Column({ type: 'timestamptz', name: 'stalled_at', precision: 3, nullable: true })
  stalledAt: Date | null;

  /** When it was told that its value turned up somewhere. */
  @Column({ type: 'timestamptz', name: 'leaked_at', precision: 3, nullable: true })
  leakedAt: Date | null;
}
