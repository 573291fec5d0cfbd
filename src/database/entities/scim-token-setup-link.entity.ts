import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AuthMethod } from '../../core/token';
import type { SetupLinkBounds } from '../../core/setup-link';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_setup_links' };

/** A link by which a customer's IT contact makes or renews one token. */
@Entity({ name: 'scim_token_setup_links' })
@Index('uq_scim_token_setup_links_lookup_id', ['lookupId', 'tenantId'], { unique: true })
@Index('uq_all_scim_token_setup_links_lookup_id', ['lookupId'], { unique: true })
@Index('ix_scim_token_setup_links_id', ['id'])
@Index('ix_scim_token_setup_links_expires', ['expiresAt'])
@Index('ix_scim_token_setup_links_watched', ['tenantId'], {
  where: '((value_made_at IS NOT NULL) AND (synced_at IS NULL) AND (revoked_at IS NULL))',
})
export class ScimTokenSetupLink {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn('uuid', KEY)
  id: string;

  /** Where a presented secret is found. */
  @Column('varchar', { name: 'lookup_id', length: 64 })
  lookupId: string;

  /** SHA-256 of the whole secret, in hex: 190 random bits need no slower hash. */
  @Column('varchar', { name: 'value_hash', length: 64, select: false })
  valueHash: string;

  /** The identity provider that it is for; null where the contact chooses. */
  @Column('varchar', { length: 64, nullable: true })
  provider: string | null;

  @Column('varchar', { name: 'auth_method', length: 32, nullable: true })
  authMethod: AuthMethod | null;

  /** The token that it renews; null where it makes one. */
  @Column('uuid', { name: 'token_id', nullable: true })
  tokenId: string | null;

  /** What a token that it makes gets. */
  @Column('jsonb')
  bounds: SetupLinkBounds;

  @Column('varchar', { length: 8, nullable: true })
  language: string | null;

  @Column('text', { name: 'return_url', nullable: true })
  returnUrl: string | null;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt: Date;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt: Date;

  @Column('varchar', { name: 'created_by', length: 255 })
  createdBy: string;

  /** When its page first read it. */
  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3, nullable: true })
  openedAt: Date | null;

  /** When it first made a value. */
  @Column({ type: 'timestamptz', name: 'used_at', precision: 3, nullable: true })
  usedAt: Date | null;

  /** When its connection first synced. */
  @Column({ type: 'timestamptz', name: 'completed_at', precision: 3, nullable: true })
  completedAt: Date | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt: Date | null;

  @Column('varchar', { name: 'revoked_by', length: 255, nullable: true })
  revokedBy: string | null;

  /** The token that it made. */
  @Column('uuid', { name: 'made_token_id', nullable: true })
  madeTokenId: string | null;

  /** When its newest value was made. */
  @Column({ type: 'timestamptz', name: 'value_made_at', precision: 3, nullable: true })
  valueMadeAt: Date | null;

  /** When that value was first accepted. */
  @Column({ type: 'timestamptz', name: 'connected_at', precision: 3, nullable: true })
  connectedAt: Date | null;

  /** When it was accepted again, long enough after. */
  @Column({ type: 'timestamptz', name: 'synced_at', precision: 3, nullable: true })
  syncedAt: Date | null;
}
