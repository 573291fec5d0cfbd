import type { PresentedClaims } from '../../core/refusal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Stands for the token of a value that is nobody's: a key takes no null. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_auth_failures' };

/**
 * Failed checks at a tenant's SCIM routes and the token endpoint, counted by token, reason, hint and hour: a flood
 * fills few rows.
 */
@Entity({ name: 'scim_token_auth_failures' })
@Index('ix_scim_token_auth_failures_unreported', ['hour'], { where: '(count > reported_count)' })
export class ScimTokenAuthFailure {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn({ type: 'timestamptz', name: 'hour', precision: 3, ...KEY })
  hour: Date;

  /** {@link NOBODY} where the value is nobody's, or another tenant's. */
  @PrimaryColumn('uuid', { name: 'token_id', ...KEY })
  tokenId: string;

  @PrimaryColumn('varchar', { name: 'reason', length: 32, ...KEY })
  reason: string;

  /** What an administrator probably did: a key of `FAILURE_HINTS`. */
  @PrimaryColumn('varchar', { name: 'hint', length: 32, ...KEY })
  hint: string;

  @Column('bigint', { name: 'count' })
  count: string;

  @Column({ type: 'timestamptz', name: 'last_at', precision: 3 })
  lastAt: Date;

  @Column('varchar', { name: 'last_ip', length: 64, nullable: true })
  lastIp: string | null;

  /** What a signed assertion among them last said; null where none was. */
  @Column('jsonb', { name: 'last_claims', nullable: true })
  lastClaims: PresentedClaims | null;

  /** How many of them the audit trail tells of. */
  @Column('bigint', { name: 'reported_count', default: 0 })
  reportedCount: string;
}
