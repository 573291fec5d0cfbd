import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * One row a tenant, locked by every write of that tenant: limits hold under races, the audit chain
 * has one writer, and an unfiltered total is a sum of counters.
 */
@Entity({ name: 'scim_token_tenants' })
export class ScimTokenTenant {
  @PrimaryColumn('varchar', {
    name: 'tenant_id',
    length: 255,
    primaryKeyConstraintName: 'pk_scim_token_tenants',
  })
  tenantId: string;

  /** Number of the tenant's newest audit event; 0 before the first. */
  @Column('bigint', { name: 'seq' })
  seq: string;

  /** Hash of the tenant's newest audit event; 64 zeros before the first. */
  @Column('varchar', { name: 'head_hash', length: 64 })
  headHash: string;

  /** Tokens of the tenant that are not revoked. */
  @Column('integer', { name: 'listed_count' })
  listedCount: number;

  /** Number of the last event that was removed for its age; null where all are there. */
  @Column('bigint', { name: 'checkpoint_seq', nullable: true })
  checkpointSeq: string | null;

  /** Hash of that event: what the first one that remains is linked to. */
  @Column('varchar', { name: 'checkpoint_hash', length: 64, nullable: true })
  checkpointHash: string | null;
}
