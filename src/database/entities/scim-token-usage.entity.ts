import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ScimToken } from './scim-token.entity';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_usage' };
const TOKEN = { foreignKeyConstraintName: 'fk_scim_token_usage_token' };

/** When and from where a token was last used. Apart from the token, so that its use changes no version. */
@Entity({ name: 'scim_token_usage' })
@Index('ix_scim_token_usage_failing', ['tenantId', 'tokenId'], {
  where: '(failing_since IS NOT NULL)',
})
export class ScimTokenUsage {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn('uuid', { name: 'token_id', ...KEY })
  tokenId: string;

  // One to one by the key; said so, TypeORM 0.3.0 wants a unique constraint beside it.
  @ManyToOne(() => ScimToken, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'tenant_id', referencedColumnName: 'tenantId', ...TOKEN },
    { name: 'token_id', referencedColumnName: 'id', ...TOKEN },
  ])
  token?: ScimToken;

  @Column({ type: 'timestamptz', name: 'first_used_at', precision: 3, nullable: true })
  firstUsedAt: Date | null;

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  lastUsedAt: Date | null;

  @Column('varchar', { name: 'last_used_ip', length: 64, nullable: true })
  lastUsedIp: string | null;

  @Column('varchar', { name: 'last_used_user_agent', length: 512, nullable: true })
  lastUsedUserAgent: string | null;

  @Column({ type: 'timestamptz', name: 'last_failure_at', precision: 3, nullable: true })
  lastFailureAt: Date | null;

  @Column('varchar', { name: 'last_failure_reason', length: 32, nullable: true })
  lastFailureReason: string | null;

  @Column('varchar', { name: 'last_failure_hint', length: 32, nullable: true })
  lastFailureHint: string | null;

  /** When the first of the failures came that no use has followed; null where none is such. */
  @Column({ type: 'timestamptz', name: 'failing_since', precision: 3, nullable: true })
  failingSince: Date | null;

  /** Requests that enforcing the allowed networks would have refused. */
  @Column('bigint', { name: 'ip_refused', nullable: true })
  ipRefused: string | null;

  @Column('varchar', { name: 'ip_refused_last_ip', length: 64, nullable: true })
  ipRefusedLastIp: string | null;

  @Column({ type: 'timestamptz', name: 'ip_refused_last_at', precision: 3, nullable: true })
  ipRefusedLastAt: Date | null;
}
