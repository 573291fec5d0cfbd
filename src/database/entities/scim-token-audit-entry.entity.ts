import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_events' };

/** Append-only audit trail, one hash chain a tenant. Events outlive their token, hence no foreign key. */
@Entity({ name: 'scim_token_events' })
@Index('uq_scim_token_events_tenant_seq', ['tenantId', 'seq'], { unique: true })
@Index('ix_scim_token_events_token_seq', ['tokenId', 'seq'])
export class ScimTokenAuditEntry {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn('uuid', KEY)
  id: string;

  /** Position in the tenant's chain, from 1, without a gap. */
  @Column('bigint', { name: 'seq' })
  seq: string;

  @Column('uuid', { name: 'token_id', nullable: true })
  tokenId: string | null;

  @Column('varchar', { name: 'type', length: 64 })
  type: string;

  /** The admin JWT's `sub`; null where no admin acted. */
  @Column('varchar', { name: 'actor', length: 255, nullable: true })
  actor: string | null;

  @Column('varchar', { name: 'ip', length: 64, nullable: true })
  ip: string | null;

  @Column('varchar', { name: 'user_agent', length: 512, nullable: true })
  userAgent: string | null;

  @Column('varchar', { name: 'request_id', length: 128, nullable: true })
  requestId: string | null;

  @Column({ type: 'timestamptz', name: 'at', precision: 3 })
  at: Date;

  @Column('jsonb', { name: 'changes' })
  changes: Record<string, { from: unknown; to: unknown }>;

  @Column('varchar', { name: 'prev_hash', length: 64 })
  prevHash: string;

  @Column('varchar', { name: 'hash', length: 64 })
  hash: string;
}
